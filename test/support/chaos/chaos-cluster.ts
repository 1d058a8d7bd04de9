import assert from 'node:assert/strict';
import type { Session } from '@culvert/contracts';
import {
  type AgentOptions,
  type ApiClient,
  type Cluster,
  createKey,
  ensureTenant,
  type ManagedProcess,
} from '@culvert/local';
import { type ServingAgent, serveWith } from '../agent-process.ts';
import { eventually } from '../eventually.ts';
import { localProxyFor } from '../local-proxy-process.ts';
import { openCluster, type TestCluster, type TestClusterOptions } from '../with-cluster.ts';
import { assertKept, type Report } from './report.ts';
import { type ResumeCounts, resumeCountsOf } from './resume-counts.ts';
import { type Tally, Traffic } from './traffic.ts';

/** A name that only the agent resolves. */
export const HOST = 'app.internal';
const TENANT = 'chaos';
const FIRST_GATEWAY = 'gateway-1';
const OWNER_DEADLINE_MS = 30_000;
const ADMIN_DEADLINE_MS = 5_000;

export interface ChaosOptions {
  readonly cluster?: TestClusterOptions;
  readonly agent?: Partial<AgentOptions>;
  /** Puts something between the processes before the agent starts; ends with the cluster. */
  readonly between?: (cluster: Cluster, scope: AsyncDisposableStack) => Promise<Partial<AgentOptions>>;
}

/** Who owns the session, as the API tells it. */
export interface Ownership {
  readonly node: string;
  readonly epoch: number;
}

/** What a worker answers to the question whether it is empty. */
export interface ReadyToTerminate {
  readonly ready: boolean;
  readonly connections: number;
  readonly bufferedBytes: number;
}

/** A cluster, one agent and a local proxy, for failures under traffic. */
export class ChaosCluster implements AsyncDisposable {
  readonly agent: ServingAgent;
  readonly #test: TestCluster;
  readonly #proxy: ManagedProcess;
  /** What is to end when the cluster has. */
  readonly #scope: AsyncDisposableStack;

  private constructor(test: TestCluster, agent: ServingAgent, proxy: ManagedProcess, scope: AsyncDisposableStack) {
    this.#test = test;
    this.agent = agent;
    this.#proxy = proxy;
    this.#scope = scope;
  }

  static async open({ cluster, agent: given, between }: ChaosOptions = {}): Promise<ChaosCluster> {
    const test = await openCluster({ workers: 3, gateways: 1, ...cluster });
    const scope = new AsyncDisposableStack();
    try {
      const { api } = test.cluster;
      await ensureTenant(api, TENANT);
      const { key } = await createKey(api, TENANT, 'agent', 'of a chaos test');
      const agent = await serveWith(test.cluster, {
        key,
        name: 'app',
        allow: [HOST],
        hosts: { [HOST]: '127.0.0.1' },
        ...given,
        ...(await between?.(test.cluster, scope)),
      });
      const proxy = localProxyFor(test.cluster, key, agent.sessionId);
      await proxy.start();
      return new ChaosCluster(test, agent, proxy, scope);
    } catch (error) {
      await test.cluster.stop();
      await scope.disposeAsync();
      throw error;
    }
  }

  async end(): Promise<void> {
    await this.#proxy.stop();
    try {
      await this.#test.end();
    } finally {
      await this.#scope.disposeAsync();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }

  get gateways(): readonly ManagedProcess[] {
    return this.#test.cluster.gateways;
  }

  get apis(): readonly ManagedProcess[] {
    return this.#test.cluster.apis;
  }

  get workers(): readonly ManagedProcess[] {
    return this.#test.cluster.workers;
  }

  worker(id: string): ManagedProcess {
    const worker = this.workers.find((process) => process.id === id);
    assert.ok(worker, `there is no ${id}`);
    return worker;
  }

  /** The way through one gateway. */
  wayOf(gateway: ManagedProcess): Record<string, string> {
    return { [gateway.id]: this.proxyOf(gateway) };
  }

  /** The session's proxy URL at a gateway, or at a worker's own address. */
  proxyOf(node: ManagedProcess): string {
    const url = new URL(this.agent.proxy);
    url.host = new URL(node.address('proxy')).host;
    return url.href;
  }

  /** Starts traffic through the first gateway and the local proxy, unless other ways are given. */
  async traffic(ways?: Readonly<Record<string, string>>): Promise<Traffic> {
    const [gateway] = this.gateways;
    assert.equal(gateway?.id, FIRST_GATEWAY);
    await eventually('an owner', () => this.owner(), OWNER_DEADLINE_MS);
    const both = { ...this.wayOf(gateway), 'local proxy': String(this.#proxy.readiness.proxy) };
    return Traffic.start({ ways: ways ?? both, host: HOST, seed: 3 });
  }

  /**
   * Traffic, whatever `work` does to the cluster, and the end of the traffic; nothing may be lost and nothing wrong. The
   * result is in the report even then. `work` answers how often the session lost its path: so often must every
   * connection of the gateway have been resumed, or the failure was none.
   */
  async keeps(name: string, report: Report, work: (traffic: Traffic) => Promise<number>): Promise<Tally> {
    await using traffic = await this.traffic();
    const before = await resumeCountsOf(this.gateways);
    const failures = await work(traffic);
    const tally = await traffic.finish();
    const counts = difference(await resumeCountsOf(this.gateways), before);
    report.add(name, tally, counts);
    assertKept(tally);
    const expected = failures * traffic.via(FIRST_GATEWAY).length;
    assert.ok(counts.resumed >= expected, `${counts.resumed} connections were resumed, not ${expected}`);
    return tally;
  }

  /** The API, for an operator. */
  get api(): ApiClient {
    return this.#test.cluster.api;
  }

  session(): Promise<Session> {
    return this.api.call<Session>('GET', `/sessions/${this.agent.sessionId}`);
  }

  /** Rejects while nobody serves it. */
  async owner(): Promise<Ownership> {
    const { node, epoch } = await this.session();
    assert.ok(node !== null, 'the session has no owner');
    return { node, epoch };
  }

  node(id: string): Promise<{ readonly state: string }> {
    return this.api.call('GET', `/nodes/${id}`);
  }

  /** Waits until another worker than `node` owns the session, and serves it. */
  ownerOtherThan(node: string): Promise<Ownership> {
    const look = async (): Promise<Ownership | false> => {
      const owner = await this.owner();
      return owner.node !== node && owner;
    };
    return eventually(`another owner than ${node}`, look, OWNER_DEADLINE_MS);
  }

  /** What the worker itself says about being empty. */
  async readinessOf(worker: ManagedProcess): Promise<ReadyToTerminate> {
    const url = new URL('/ready-to-terminate', worker.address('admin'));
    const response = await fetch(url, { signal: AbortSignal.timeout(ADMIN_DEADLINE_MS) });
    assert.equal(response.status, 200);
    return (await response.json()) as ReadyToTerminate; // the contract says what it answers
  }

  /** Waits until the API says so of a node. */
  nodeState(id: string, state: string, deadlineMs = OWNER_DEADLINE_MS): Promise<true> {
    const look = async (): Promise<true | undefined> => {
      assert.equal((await this.node(id)).state, state);
      return true;
    };
    return eventually(`${id} is ${state}`, look, deadlineMs);
  }
}

function difference(now: ResumeCounts, before: ResumeCounts): ResumeCounts {
  const lost = Object.fromEntries(
    Object.entries(now.lost).map(([reason, count]) => [reason, count - (before.lost[reason] ?? 0)]),
  );
  return { resumed: now.resumed - before.resumed, replayedBytes: now.replayedBytes - before.replayedBytes, lost };
}
