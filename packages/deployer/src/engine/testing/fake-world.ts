import { CulvertError, randomId, silentLogger } from '@culvert/base';
import type { DeploymentRequest, DrainReport } from '@culvert/contracts';
import { type NodeInfo, Registry, type StoredDeployment } from '@culvert/registry';
import type { LaunchRequest, NodeProvider, TerminateRequest } from '../../providers/provider.ts';
import { Engine, type EngineOptions } from '../engine.ts';
import type { NodeAsker, NodeVerifier } from '../world.ts';
import { tinyCore } from './tiny-core.ts';

/** Nothing here beats: what is to die is told to leave. */
const LEASE_MS = 600_000;
const QUIET = { asked: 0, opened: 0, failed: 0, lost: 0, setup: [] };

/** Workers that exist in a real registry only, and notes of all that was done to them. */
export class FakeWorld implements AsyncDisposable {
  readonly redis: string;
  /** `<what> <node>`, in order; what was done twice is there twice. */
  readonly done: string[] = [];
  readonly #registries: Registry[] = [];
  readonly #engines: Engine[] = [];
  readonly #nodes = new Map<string, NodeInfo>();
  readonly #orders = new Map<string, string>();
  readonly #began: Registry;

  constructor(redis: string) {
    this.redis = redis;
    this.#began = this.registry();
  }

  static async start(redis: string, workers: readonly string[]): Promise<FakeWorld> {
    const world = new FakeWorld(redis);
    await world.#began.waitUntilAvailable(AbortSignal.timeout(5_000));
    for (const id of workers) await world.join(id, '1.0.0');
    return world;
  }

  /** One process's view of the registry. */
  registry(): Registry {
    const at = { url: this.redis, prefix: 'test', logger: silentLogger };
    const registry = Registry.connect({ ...at, leaseMs: LEASE_MS, newMs: 0, lostMs: 0 });
    this.#registries.push(registry);
    return registry;
  }

  async join(id: string, version: string): Promise<void> {
    const addresses = { admin: `fake://${id}`, proxy: `http://${id}`, link: `ws://${id}` };
    const size = { capacity: 100, admissionRate: 100, pool: 'default', host: 'h', pid: 1 };
    const known = this.#nodes.get(id);
    const node: NodeInfo = known ?? { id, boot: randomId('b'), role: 'worker', version, ...size, ...addresses };
    this.#nodes.set(id, node);
    const load = { state: 'ready', sessions: 0, connections: 0 } as const;
    const reply = await this.#began.beat({ node, load });
    if (reply.outcome !== 'ok') throw new Error(`${id} is dead`);
    await this.#began.beat({ node, load, confirmed: reply.round });
  }

  /** What all nodes do when Redis has lost everything. */
  async rejoin(): Promise<void> {
    await this.#began.waitUntilAvailable(AbortSignal.timeout(15_000));
    for (const { id, version } of this.#nodes.values()) await this.join(id, version);
  }

  readonly provider: NodeProvider = {
    kind: 'process',
    launch: async ({ id, version }: LaunchRequest) => {
      if (this.#nodes.has(id)) return;
      this.done.push(`launch ${id}`);
      await this.join(id, version);
    },
    list: async () => [],
    terminate: async ({ id }: TerminateRequest) => {
      const node = this.#nodes.get(id);
      if (node === undefined) return;
      this.#nodes.delete(id);
      this.done.push(`terminate ${id}`);
      await this.#began.leave(node);
    },
    logs: async () => '',
    [Symbol.asyncDispose]: async () => undefined,
  };

  readonly client: NodeAsker = {
    readiness: async () => ({ ready: true, reasons: [] }),
    drain: async (admin, { key = '' }) => {
      const id = this.#at(admin);
      if (this.#orders.get(id) === key) return;
      this.#orders.set(id, key);
      this.done.push(`drain ${id}`);
    },
    drainReport: async (admin) => reportOf(this.#orders.get(this.#at(admin))),
    readyToTerminate: async () => ({ ready: true, sessions: 0, connections: 0, bufferedBytes: 0 }),
    blockers: async () => [],
    stats: async () => QUIET,
    believedNode: async () => ({ known: true, boot: null, state: 'ready', cordoned: true }),
    edgeLinks: async () => ({ items: [], detached: 0 }),
    reattached: async (admin) => ({ boot: this.#at(admin), next: 0, gap: false, items: [] }),
    retire: async () => undefined,
  };

  readonly verifier: NodeVerifier = {
    verify: async ({ node }) => {
      this.done.push(`verify ${node.id}`);
      return { ok: true, detail: 'fine', facts: {}, atMs: 0, tookMs: 0 };
    },
    verifyGateway: async () => ({ ok: true, detail: 'fine', facts: {}, atMs: 0, tookMs: 0 }),
    probe: async () => ({ ok: true, detail: 'fine', facts: { asked: 4, failed: 0, p50Ms: 1 }, atMs: 0, tookMs: 0 }),
  };

  /** One deploy worker, not started. */
  engine(over: Partial<EngineOptions> = {}): Engine {
    const engine = new Engine({
      ...{ registry: this.registry(), redis: this.redis, prefix: 'test', holder: randomId('deployer'), core: tinyCore },
      ...{ client: this.client, providers: { process: this.provider }, verifier: this.verifier, stateDir: null },
      moveSession: async () => 'done',
      makeReceipt: ({ id }) => ({ id }),
      lookAtWindow: async () => ({ open: true, opensAtMs: null, closesAtMs: null }),
      logger: silentLogger,
      ...over,
    });
    this.#engines.push(engine);
    return engine;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#engines.map((engine) => engine.close()));
    await Promise.all(this.#registries.map((registry) => registry.close()));
  }

  #at(admin: string): string {
    const id = admin.replace('fake://', '');
    if (!this.#nodes.has(id)) throw new CulvertError('node_unreachable', `${id} is gone`);
    return id;
  }
}

export function newRecord(id: string, request: Partial<DeploymentRequest> = {}): StoredDeployment {
  const core = {
    request: { kind: 'release', version: '2.0.0', role: 'worker', pool: 'default', policy: 'move', ...request },
  };
  const provider = { provider: { kind: 'process' }, dryRun: false, inWindow: false };
  return {
    ...{ id, revision: 1, state: 'pending', over: false, createdAtMs: Date.now() },
    core: { createdBy: 'k_1', request: { ...core.request, ...provider, ...request } },
    view: { deployment: {}, why: {} },
  };
}

function reportOf(order: string | undefined): DrainReport {
  const at = new Date(0).toISOString();
  const counted = { connectionsMoved: 1, connectionsFinished: 0, connectionsLost: 0, at };
  const session = { id: 's_1', tenant: 'acme', name: null, outcome: 'moved' as const, to: null, ...counted };
  const numbers = { fence: 0, idle: 0, busy: 0, connections: 0, direct: 0 };
  const told = { stage: null, policy: null, deployment: null };
  if (order === undefined) return { state: 'off', ...told, ...numbers, orders: [], sessions: [] };
  return { state: 'empty', ...told, ...numbers, orders: [order], sessions: [session] };
}
