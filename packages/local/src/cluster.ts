import { CulvertError, Scope, sleep } from '@culvert/base';
import type { RedisRestartOrder } from '@culvert/contracts';
import { ClusterSecret, rootAdminKey } from '@culvert/service';
import { type AgentOptions, agentSpec } from './agent-process.ts';
import { ApiClient } from './api-client.ts';
import { type ClusterOptions, type ResolvedOptions, type RoleOverrides, resolveOptions } from './cluster-options.ts';
import { type ClusterRedis, openRedis, restartedRedis } from './cluster-redis.ts';
import { claimDataDir, clusterSecretOf, type DataDir } from './data-dir.ts';
import { type Demo, startDemo } from './demo-setup.ts';
import { describeCluster } from './describe.ts';
import { Fleet } from './fleet.ts';
import { type LocalCluster, removeLocalJson, writeLocalJson } from './local-json.ts';
import { ManagedProcess } from './managed-process.ts';
import type { NodeContext } from './node-processes.ts';
import { SupervisorServer } from './supervisor/server.ts';
import { socketPlace } from './supervisor/socket-place.ts';
import { Supervisor } from './supervisor/supervisor.ts';

const WHOLE_DEADLINE_MS = 15_000;
const WHOLE_POLL_MS = 50;
const LOG_CHECK_MS = 60_000;

/**
 * A whole cluster of real processes on this machine: what `culvert up` runs and what the system tests test.
 * Starts everything and resolves when all of it works; when anything fails, nothing is left and the rejection
 * says what failed, with the end of its log.
 */
export async function startCluster(given: ClusterOptions): Promise<Cluster> {
  const options = resolveOptions(given);
  options.signal?.throwIfAborted();
  const scope = new Scope();
  try {
    return await Cluster.start(options, scope);
  } catch (error) {
    await scope.close();
    throw error;
  }
}

export class Cluster {
  readonly dataDir: string;
  readonly adminKey: string;
  readonly secret: ClusterSecret;
  readonly redis: ClusterRedis;
  readonly #options: ResolvedOptions;
  readonly #context: NodeContext;
  readonly #scope: Scope;
  readonly #fleet: Fleet;
  #demo: Demo | undefined;
  #announced = false;
  #agentNumber = 0;

  private constructor(
    options: ResolvedOptions,
    scope: Scope,
    base: { dir: DataDir; secret: string; redis: ClusterRedis; supervisor: string | null },
  ) {
    this.#options = options;
    this.#scope = scope;
    this.dataDir = base.dir.path;
    this.redis = base.redis;
    this.secret = ClusterSecret.parse(base.secret);
    this.adminKey = rootAdminKey(this.secret);
    const { dir, secret, redis, supervisor } = base;
    this.#context = { options, logs: dir.logs, secret, redis, supervisor };
    this.#fleet = new Fleet(this.#context, () => {
      if (this.#announced) this.#writeLocalJson();
    });
  }

  /** Used by startCluster only. `scope` ends, in reverse order, whatever was started. */
  static async start(options: ResolvedOptions, scope: Scope): Promise<Cluster> {
    const dir = claimDataDir(options.dataDir);
    scope.defer('data folder lock', () => dir.lock.release());
    removeLocalJson(dir.path); // of a cluster that was killed
    const secret = options.secret ?? clusterSecretOf(dir.path);
    const redis = await openRedis(options, dir.logs, ClusterSecret.parse(secret));
    if (options.redisUrl === undefined) scope.defer('Redis', () => redis.stop());
    const place = options.supervisor ? socketPlace(dir.path) : undefined;
    if (place) scope.defer('supervisor socket', () => place.remove());
    const cluster = new Cluster(options, scope, { dir, secret, redis, supervisor: place?.path ?? null });
    if (place) scope.own('supervisor', await cluster.#supervise(place.path));
    // Redis, which all of them write to, is ended by the scope after this.
    scope.defer('processes', () => cluster.#fleet.stop());
    options.signal?.throwIfAborted();
    await cluster.#startProcesses();
    return cluster;
  }

  /** The first API, with the root admin key. */
  get api(): ApiClient {
    return new ApiClient(one(this.apis, 'API').address('api'), this.adminKey);
  }

  get demo(): Demo | undefined {
    return this.#demo;
  }

  get apis(): readonly ManagedProcess[] {
    return this.#fleet.apis;
  }

  get gateways(): readonly ManagedProcess[] {
    return this.#fleet.gateways;
  }

  get workers(): readonly ManagedProcess[] {
    return this.#fleet.workers;
  }

  get deployers(): readonly ManagedProcess[] {
    return this.#fleet.deployers;
  }

  /** Agents, and the demo's processes: what is outside the cluster proper. */
  get clients(): readonly ManagedProcess[] {
    return this.#fleet.clients;
  }

  /** Every process that runs now, in the order of their start. */
  get processes(): ManagedProcess[] {
    return this.#fleet.processes;
  }

  /** Starts one more worker and waits until it is ready. */
  addWorker(overrides?: RoleOverrides): Promise<ManagedProcess> {
    return this.#fleet.start('worker', overrides);
  }

  /** Starts one more gateway and waits until it is ready. */
  addGateway(overrides?: RoleOverrides): Promise<ManagedProcess> {
    return this.#fleet.start('gateway', overrides);
  }

  /** Starts one more deploy worker and waits until it is ready. */
  addDeployer(overrides?: RoleOverrides): Promise<ManagedProcess> {
    return this.#fleet.start('deployer', overrides);
  }

  /** Starts an agent process and waits until its session is open. */
  async startAgent(agent: AgentOptions): Promise<ManagedProcess> {
    this.#agentNumber += 1;
    const id = agent.id ?? `agent-${this.#agentNumber}`;
    const spec = agentSpec({ ...agent, id }, this.api.url, this.#context);
    return this.#fleet.startClient(new ManagedProcess(spec, (exit) => this.#fleet.onExit(exit)));
  }

  /** What local.json holds. */
  describe(): LocalCluster {
    return describeCluster(this);
  }

  /** Pids of everything this cluster ever started that are alive now. Empty after `stop()`, or something leaked. */
  survivors(): { pid: number; id: string }[] {
    return this.#fleet.survivors;
  }

  /** Ends everything in order. Idempotent. */
  stop(): Promise<void> {
    return this.#scope.close();
  }

  /** Ends everything at once, for a person who asked twice. */
  async kill(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.kill('SIGKILL')));
    await this.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #startProcesses(): Promise<void> {
    const { apis, gateways, workers, deployers, demo, signal } = this.#options;
    const counts = [
      ['api', apis],
      ['worker', workers],
      ['gateway', gateways],
      ['deployer', deployers],
    ] as const;
    const aborted = new Promise<never>((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    aborted.catch(() => undefined); // only the races below care
    // All at once: they find each other through Redis, in any order.
    const starts = counts.flatMap(([role, count]) => Array.from({ length: count }, () => this.#fleet.start(role)));
    await Promise.race([Promise.all(starts), aborted]);
    await Promise.race([this.#untilWhole(), aborted]);
    if (demo) {
      const start = startDemo(
        this,
        (process) => this.#fleet.startClient(process),
        (exit) => this.#fleet.onExit(exit),
        this.#context,
      );
      this.#demo = await Promise.race([start, aborted]);
      this.#options.onEvent({ event: 'demo.ready', session: this.#demo.session, target: this.#demo.target });
    }
    this.#announce();
  }

  /** A session that is opened now must find its workers: until the API lists every node as ready. */
  async #untilWhole(): Promise<void> {
    if (this.apis.length === 0) return;
    const wanted = [...this.workers, ...this.gateways].map(({ id }) => id);
    const deadline = performance.now() + WHOLE_DEADLINE_MS;
    let missing = wanted;
    while (missing.length > 0) {
      if (performance.now() > deadline) {
        throw new CulvertError('start_failed', `the API does not list as ready: ${missing.join(', ')}`);
      }
      const ready = await this.#readyNodes();
      missing = wanted.filter((id) => !ready.has(id));
      if (missing.length > 0) await sleep(WHOLE_POLL_MS);
    }
  }

  /** None while the API has not found Redis: it serves before it has. */
  async #readyNodes(): Promise<ReadonlySet<string>> {
    try {
      const { items } = await this.api.call<{ items: { id: string; state: string }[] }>('GET', '/nodes');
      return new Set(items.filter(({ state }) => state === 'ready').map(({ id }) => id));
    } catch (error) {
      if (error instanceof CulvertError && error.code === 'registry_unavailable') return new Set();
      throw error;
    }
  }

  #announce(): void {
    this.#announced = true;
    this.#scope.defer('local.json', () => {
      this.#announced = false;
      removeLocalJson(this.dataDir);
    });
    this.#writeLocalJson();
    const timer = setInterval(() => this.#rotateLogs(), LOG_CHECK_MS).unref();
    this.#scope.defer('log rotation', () => clearInterval(timer));
  }

  #rotateLogs(): void {
    const warn = (error: Error): void => globalThis.process.emitWarning(`a log can't be rotated: ${error.message}`);
    for (const process of this.processes) {
      process.rotateLog().catch(warn);
    }
  }

  #writeLocalJson(): void {
    writeLocalJson(this.dataDir, this.describe());
  }

  /** Deploy workers have nodes started and ended here. */
  #supervise(socket: string): Promise<SupervisorServer> {
    const { options, logs } = this.#context;
    const allowed = options.chaos && options.redisUrl === undefined;
    const restartRedis = (order: RedisRestartOrder): Promise<void> => restartedRedis(this.redis, order);
    const about = { fleet: this.#fleet, logs, onEvent: options.onEvent, ...(allowed ? { restartRedis } : {}) };
    const supervisor = new Supervisor(about);
    // Before Redis is ended for good: nothing starts it again then.
    this.#scope.defer('restart of Redis', () => supervisor.settled());
    return SupervisorServer.listen({ socket, supervisor, secret: this.secret });
  }
}

function one<T>(list: readonly T[], what: string): T {
  const [first] = list;
  if (first === undefined) throw new CulvertError('not_found', `this cluster has no ${what}`);
  return first;
}
