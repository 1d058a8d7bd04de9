import { CulvertError, Scope, sleep, systemClock } from '@culvert/base';
import { ClusterSecret, type RoleName, rootAdminKey } from '@culvert/service';
import { type AgentOptions, agentSpec } from './agent-process.ts';
import { ApiClient } from './api-client.ts';
import { type ClusterOptions, type ResolvedOptions, resolveOptions } from './cluster-options.ts';
import { type ClusterRedis, openRedis } from './cluster-redis.ts';
import { claimDataDir, clusterSecretOf, type DataDir } from './data-dir.ts';
import { type Demo, startDemo } from './demo-setup.ts';
import { describeCluster } from './describe.ts';
import { type LocalCluster, removeLocalJson, writeLocalJson } from './local-json.ts';
import { ManagedProcess, type ProcessExit } from './managed-process.ts';
import { type NodeContext, nodeSpec } from './node-processes.ts';
import { isAlive } from './processes.ts';
import { Restarter } from './restarter.ts';

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
  readonly apis: ManagedProcess[] = [];
  readonly gateways: ManagedProcess[] = [];
  readonly workers: ManagedProcess[] = [];
  readonly deployers: ManagedProcess[] = [];
  /** Agents, and the demo's processes: what is outside the cluster proper. */
  readonly clients: ManagedProcess[] = [];
  readonly #options: ResolvedOptions;
  readonly #context: NodeContext;
  readonly #scope: Scope;
  readonly #restarter: Restarter;
  readonly #started: { pid: number; id: string }[] = [];
  #demo: Demo | undefined;
  #announced = false;
  #agentNumber = 0;

  private constructor(
    options: ResolvedOptions,
    scope: Scope,
    base: { dir: DataDir; secret: string; redis: ClusterRedis },
  ) {
    this.#options = options;
    this.#scope = scope;
    this.dataDir = base.dir.path;
    this.redis = base.redis;
    this.secret = ClusterSecret.parse(base.secret);
    this.adminKey = rootAdminKey(this.secret);
    this.#context = { options, logs: base.dir.logs, secret: base.secret, redis: base.redis };
    this.#restarter = new Restarter(systemClock, options.onEvent);
  }

  /** Used by startCluster only. `scope` ends, in reverse order, whatever was started. */
  static async start(options: ResolvedOptions, scope: Scope): Promise<Cluster> {
    const dir = claimDataDir(options.dataDir);
    scope.defer('data folder lock', () => dir.lock.release());
    removeLocalJson(dir.path); // of a cluster that was killed
    const secret = options.secret ?? clusterSecretOf(dir.path);
    const redis = await openRedis(options, dir.logs, ClusterSecret.parse(secret));
    if (options.redisUrl === undefined) scope.defer('Redis', () => redis.stop());
    const cluster = new Cluster(options, scope, { dir, secret, redis });
    scope.defer('processes', () => cluster.#stopProcesses());
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

  /** Every process that runs now, in the order of their start. */
  get processes(): ManagedProcess[] {
    const all = [...this.apis, ...this.workers, ...this.gateways, ...this.deployers, ...this.clients];
    return all.filter(({ pid }) => pid !== undefined);
  }

  /** Starts one more worker and waits until it is ready. */
  addWorker(overrides?: {
    flags?: readonly string[];
    env?: Readonly<Record<string, string>>;
  }): Promise<ManagedProcess> {
    return this.#addNode('worker', this.workers, overrides);
  }

  /** Starts an agent process and waits until its session is open. */
  async startAgent(agent: AgentOptions): Promise<ManagedProcess> {
    this.#agentNumber += 1;
    const id = agent.id ?? `agent-${this.#agentNumber}`;
    const spec = agentSpec({ ...agent, id }, this.api.url, this.#context);
    return this.#startClient(new ManagedProcess(spec, (exit) => this.#onExit(exit)));
  }

  /** What local.json holds. */
  describe(): LocalCluster {
    return describeCluster(this);
  }

  /** Pids of everything this cluster ever started that are alive now. Empty after `stop()`, or something leaked. */
  survivors(): { pid: number; id: string }[] {
    return this.#started.filter(({ pid }) => isAlive(pid));
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
      ['api', this.apis, apis],
      ['worker', this.workers, workers],
      ['gateway', this.gateways, gateways],
      ['deployer', this.deployers, deployers],
    ] as const;
    const aborted = new Promise<never>((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    aborted.catch(() => undefined); // only the races below care
    // All at once: they find each other through Redis, in any order.
    const starts = counts.flatMap(([role, list, count]) =>
      Array.from({ length: count }, () => this.#addNode(role, list)),
    );
    await Promise.race([Promise.all(starts), aborted]);
    await Promise.race([this.#untilWhole(), aborted]);
    if (demo) {
      const start = startDemo(
        this,
        (process) => this.#startClient(process),
        (exit) => this.#onExit(exit),
        this.#context,
      );
      this.#demo = await Promise.race([start, aborted]);
      this.#options.onEvent({ event: 'demo.ready', session: this.#demo.session, target: this.#demo.target });
    }
    this.#announce();
  }

  async #addNode(
    role: RoleName,
    list: ManagedProcess[],
    overrides: { flags?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
  ): Promise<ManagedProcess> {
    const id = `${role}-${list.length + 1}`;
    const spec = nodeSpec(role, id, this.#context);
    const process = new ManagedProcess(
      { ...spec, args: [...spec.args, ...(overrides.flags ?? [])], env: { ...spec.env, ...overrides.env } },
      (exit) => this.#onExit(exit),
    );
    list.push(process);
    return this.#begin(process);
  }

  #startClient(process: ManagedProcess): Promise<ManagedProcess> {
    this.clients.push(process);
    return this.#begin(process);
  }

  async #begin(process: ManagedProcess): Promise<ManagedProcess> {
    // What starts after the stop has begun would have nobody to end it.
    if (this.#scope.closing)
      throw new CulvertError('shutting_down', `the cluster is stopping; ${process.id} stays off`);
    await process.start();
    this.#onReady(process);
    return process;
  }

  #onReady(process: ManagedProcess): void {
    const { role, id, pid, readiness } = process;
    if (pid === undefined) return; // gone again already; its exit is on its way
    this.#started.push({ pid, id });
    this.#options.onEvent({ event: 'process.ready', role, id, pid, addresses: readiness.addresses ?? {} });
    if (this.#announced) this.#writeLocalJson();
  }

  #onExit(exit: ProcessExit): void {
    if (!exit.expected) this.#options.onEvent({ event: 'process.exit', ...exit });
    if (exit.expected || !this.#options.restart) return;
    const process = [...this.apis, ...this.workers, ...this.gateways, ...this.deployers, ...this.clients].find(
      ({ id }) => id === exit.id,
    );
    if (process) this.#restarter.schedule(process, () => this.#onReady(process));
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

  /**
   * Agents first: their sessions close, and their connections end as ends and not as losses. Then gateways, so that
   * no new work comes; then workers, which are empty by now; deploy workers and APIs, which all of these may call
   * while they stop; Redis, which all of them write to, is ended by the scope after this.
   */
  async #stopProcesses(): Promise<void> {
    this.#restarter.close();
    for (const group of [this.clients.toReversed(), this.gateways, this.workers, this.deployers, this.apis]) {
      await Promise.all(group.map((process) => process.stop()));
    }
  }
}

function one<T>(list: readonly T[], what: string): T {
  const [first] = list;
  if (first === undefined) throw new CulvertError('not_found', `this cluster has no ${what}`);
  return first;
}
