import assert from 'node:assert/strict';
import type { RegistryStatus } from '@culvert/contracts';
import { type Cluster, createKey } from '@culvert/local';
import { eventually } from '../eventually.ts';
import { expectRegistryTrue } from '../registry-truth.ts';
import type { TestClusterOptions } from '../with-cluster.ts';
import { ChaosCluster, HOST } from './chaos-cluster.ts';
import { extent } from './extent.ts';
import { IdleAgents } from './redis-agents.ts';
import { RedisReport } from './redis-report.ts';
import { ABSENT, OFFLINE, OK, Watch } from './redis-watch.ts';
import { assertGaps, assertKept } from './report.ts';
import { resumeCountsOf } from './resume-counts.ts';
import type { Traffic } from './traffic.ts';

/** The registry says again what the workers say, this long after the failure is over. */
const TRUE_WITHIN_MS = 15_000;
/** Nothing between browsers and agents knows of Redis; the machine is shared with the clients, and with who knows what. */
const GAP_P99_MS = extent(1_000, 1_500);
/** First part of every key: tests look at some. */
export const PREFIX = 'culvert';
/** A gateway, and a local proxy. */
const WAYS = extent(2, 1);
const WORKERS = extent(3, 2);
/** Other sessions, on all workers. */
const IDLE_AGENTS = 12;
/** A tenant that is served in a pool that no worker of the cluster is in. */
export const PINNED = { id: 'pinned', pool: 'elsewhere' };

export interface RedisChaosOptions {
  /** `redis://`, `redis+sentinel://` or `redis+cluster://`. */
  readonly url: string;
  readonly cluster?: TestClusterOptions;
  /** Before the agent starts; what it puts into the scope ends with the cluster. */
  readonly prepare?: (cluster: Cluster, scope: AsyncDisposableStack) => Promise<void>;
}

export interface Expected {
  /** Redis loses its data (all, or the last of it): what is not there may only be missing, and that is what is said. */
  readonly loss?: boolean;
  /** The session may be answered as offline for so long, ms; default 0. */
  readonly offlineMs?: number;
  /** New connections may be refused for so long, ms; default 0: the route is known. */
  readonly refusedMs?: number;
  readonly gapP99Ms?: number;
  /** The session moves, or its path is silent for long: its connections are resumed. Else none of them may be. */
  readonly moves?: boolean;
}

/** A cluster on a Redis that a test starts and breaks, with clients that come all the while. */
export class RedisChaos implements AsyncDisposable {
  readonly chaos: ChaosCluster;
  readonly cluster: Cluster;
  readonly report = new RedisReport();
  /** Of the tenant that has the session. */
  readonly key: string;
  /** Its other sessions. */
  readonly agents: IdleAgents;
  readonly #revoked: string;

  private constructor(chaos: ChaosCluster, cluster: Cluster, keys: { good: string; revoked: string }) {
    this.chaos = chaos;
    this.cluster = cluster;
    this.key = keys.good;
    this.agents = new IdleAgents(chaos.api, keys.good);
    this.#revoked = keys.revoked;
  }

  static async open({ url, cluster: options, prepare }: RedisChaosOptions): Promise<RedisChaos> {
    const known = Promise.withResolvers<Cluster>();
    const chaos = await ChaosCluster.open({
      cluster: { redisUrl: url, redisPrefix: PREFIX, workers: WORKERS, ...options },
      between: async (cluster, scope) => {
        known.resolve(cluster);
        await prepare?.(cluster, scope);
        return {};
      },
    });
    try {
      return await RedisChaos.#prepare(chaos, await known.promise);
    } catch (error) {
      await chaos.end();
      throw error;
    }
  }

  /** What has to survive: keys, a revocation, a pin, sessions. */
  static async #prepare(chaos: ChaosCluster, cluster: Cluster): Promise<RedisChaos> {
    const { api } = chaos;
    const { tenant } = await chaos.session();
    const good = await createKey(api, tenant, 'agent', 'good');
    const revoked = await createKey(api, tenant, 'agent', 'revoked');
    await api.call('DELETE', `/tenants/${tenant}/keys/${revoked.id}`);
    await api.call('POST', '/tenants', { body: { id: PINNED.id } });
    await api.call('PUT', `/tenants/${PINNED.id}/pin`, { body: { pool: PINNED.pool } });
    const them = new RedisChaos(chaos, cluster, { good: good.key, revoked: revoked.key });
    await them.agents.open(IDLE_AGENTS);
    return them;
  }

  /** Prints what was measured, and ends everything but Redis. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.report.print();
    await this.agents[Symbol.asyncDispose]();
    await this.chaos.end();
  }

  /**
   * Lets `failure` happen (it resolves when Redis, or what else failed, is back) under traffic, and holds everything to
   * what is promised: every byte arrives, nothing is answered as absent, settings stay, the registry is true again.
   */
  async rehearse(name: string, failure: (traffic: Traffic) => Promise<void>, expected: Expected = {}): Promise<void> {
    await using traffic = await this.chaos.traffic(this.#ways());
    await using watch = await Watch.start({
      ...{ api: this.chaos.api, key: this.key, revoked: this.#revoked, host: HOST },
      ...{ session: this.chaos.agent.sessionId, proxy: this.chaos.agent.proxy },
    });
    await eventually('all kinds of attempts worked', () => watch.sessions.count > 0 && watch.unknown.count > 0);
    const before = await resumeCountsOf(this.chaos.gateways);
    let trueAfterMs = Number.NaN;
    await traffic.through(async () => {
      await failure(traffic);
      trueAfterMs = await this.expectTrue();
      await eventually('new sessions are served', () => watch.sessions.runs.at(-1)?.outcome === OK);
    });
    await watch.stop();
    const tally = await traffic.finish();
    const resumed = (await resumeCountsOf(this.chaos.gateways)).resumed - before.resumed;
    this.report.add(name, tally, watch, { resumed, trueAfterMs });
    assertKept(tally);
    if (!expected.moves) assert.equal(resumed, 0, 'connections lost their path');
    assertGaps(tally, expected.gapP99Ms ?? GAP_P99_MS);
    assertAnswers(watch, expected);
    await this.agents.expectServed();
    const { pool } = await this.chaos.api.call<{ pool: string }>('GET', `/tenants/${PINNED.id}`);
    assert.equal(pool, PINNED.pool, 'the pin was lost');
  }

  /** In a short run the gateway's alone: half the work, of which Redis sees nothing. */
  #ways(): Record<string, string> | undefined {
    const [gateway] = this.chaos.gateways;
    assert.ok(gateway);
    return WAYS === 1 ? this.chaos.wayOf(gateway) : undefined;
  }

  registry(): Promise<RegistryStatus> {
    return this.chaos.api.call('GET', '/registry');
  }

  async bootOf(node: string): Promise<string> {
    return (await this.chaos.api.call<{ boot: string }>('GET', `/nodes/${node}`)).boot;
  }

  /** The registry says what the workers say, in time; answers how long that took, ms. */
  async expectTrue(): Promise<number> {
    const sinceMs = performance.now();
    await this.#whole();
    const restMs = Math.max(1, Math.round(sinceMs + TRUE_WITHIN_MS - performance.now()));
    await expectRegistryTrue(this.chaos, { withinMs: restMs });
    return performance.now() - sinceMs;
  }

  /** The registry knows what it has, and all workers: nothing can be wrong with those whose workers are not asked. */
  #whole(): Promise<true> {
    const look = async (): Promise<true | undefined> => {
      const { recovering, reason } = await this.registry();
      assert.equal(recovering, false, reason ?? 'it is still being told what it lacks');
      for (const { id } of this.chaos.workers) assert.equal((await this.chaos.node(id)).state, 'ready', id);
      return true;
    };
    return eventually('the registry is whole, and every worker ready', look, TRUE_WITHIN_MS);
  }
}

function assertAnswers(watch: Watch, { loss = false, offlineMs = 0, refusedMs = 0 }: Expected): void {
  const { existing, unknown, revoked, connections } = watch;
  assert.deepEqual(existing.others(OK)[ABSENT], undefined, 'the session was answered as absent');
  assertWithin(
    'the session was answered as offline',
    existing.longestMs((outcome) => outcome === OFFLINE),
    offlineMs,
  );
  const refusedFor = connections.longestMs((outcome) => outcome !== OK);
  assertWithin(`new connections were refused: ${JSON.stringify(connections.others(OK))}`, refusedFor, refusedMs);
  assert.equal(revoked.others('key_revoked')[OK], undefined, 'a revoked key was accepted');
  assert.equal(revoked.runs.at(-1)?.outcome, 'key_revoked');
  assert.equal(unknown.runs.at(-1)?.outcome, ABSENT);
  if (!loss) return;
  // From the loss on it is unknown until the registry is whole; then it is absent, once and for all.
  const words = unknown.runs.map(({ outcome }) => outcome);
  const [first, ...rest] = words;
  assert.equal(first, ABSENT);
  assert.ok(rest.includes('recovering'), `it never said recovering: ${words.join(', ')}`);
  assert.equal(rest.indexOf(ABSENT), rest.length - 1, `absent before the registry was whole: ${words.join(', ')}`);
}

/** Nothing at all took 0 ms. */
function assertWithin(what: string, ms: number, limitMs: number): void {
  assert.ok(ms <= limitMs, `${what}, for ${ms.toFixed(0)} ms and not ${limitMs}`);
}
