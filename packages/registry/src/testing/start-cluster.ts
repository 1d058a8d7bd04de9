import { asking, info } from './asking.ts';
import { freePort, TestServer } from './start-server.ts';
import { until } from './until.ts';

const SLOTS = 16_384;
const PRIMARIES = 3;
const NODE_TIMEOUT_MS = 1_500;
const MIGRATE_TIMEOUT_MS = 5_000;
/** Keys that one MIGRATE takes along. */
const MIGRATE_KEYS = 200;

export interface TestClusterOptions {
  /** Each primary has one, which takes over when it is killed; default: false. */
  readonly replicas?: boolean;
}

/** A Redis Cluster of three primaries on loopback, without persistence. */
export interface TestCluster extends AsyncDisposable {
  /** `redis+cluster://…` with all nodes. */
  readonly url: string;
  /** `redis://…` of the primary that owns the key's slot now. */
  urlOf(key: string): Promise<string>;
  /**
   * Moves the key's slot, key by key, as operators do, to another primary. `afterBatch` is called (and waited for)
   * while the slot is in between: after each batch of keys.
   */
  migrateSlotOf(key: string, options?: { batch?: number; afterBatch?: () => Promise<void> }): Promise<void>;
  /** SIGKILL. With replicas, its replica takes over; see `recovered`. */
  killPrimaryOf(key: string): Promise<void>;
  /** SIGSTOP; `thaw` brings it back. */
  freezePrimaryOf(key: string): Promise<{ thaw(): void }>;
  /** Resolves once every node that lives says that the cluster is whole, and the key's owner answers. */
  recovered(key: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startCluster({ replicas = false }: TestClusterOptions = {}): Promise<TestCluster> {
  await using started = new AsyncDisposableStack();
  const nodes: TestServer[] = [];
  for (let index = 0; index < (replicas ? 2 : 1) * PRIMARIES; index += 1) nodes.push(started.use(await startNode()));
  await join(nodes);
  const servers = started.move();
  return new RunningCluster(nodes, () => servers.disposeAsync());
}

class RunningCluster implements TestCluster {
  readonly url: string;
  readonly #nodes: readonly TestServer[];
  readonly #gone = new Set<TestServer>();
  readonly #stop: () => Promise<void>;

  constructor(nodes: readonly TestServer[], stop: () => Promise<void>) {
    this.#nodes = nodes;
    this.#stop = stop;
    this.url = `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
  }

  async urlOf(key: string): Promise<string> {
    return `redis://127.0.0.1:${(await this.#ownerOf(key)).port}`;
  }

  async migrateSlotOf(
    key: string,
    { batch = MIGRATE_KEYS, afterBatch }: { batch?: number; afterBatch?: () => Promise<void> } = {},
  ): Promise<void> {
    const source = await this.#ownerOf(key);
    const primaries = await this.#primaries();
    const target = primaries.find((node) => node !== source);
    if (!target) throw new Error('there is no other primary');
    const slot = await slotOf(source.port, key);
    const [from, to] = await Promise.all([idOf(source.port), idOf(target.port)]);
    await asking(target.port, (redis) => redis.cluster('SETSLOT', slot, 'IMPORTING', from));
    await asking(source.port, async (redis) => {
      await redis.cluster('SETSLOT', slot, 'MIGRATING', to);
      for (;;) {
        const keys = await redis.cluster('GETKEYSINSLOT', slot, batch);
        if (keys.length === 0) break;
        await redis.migrate('127.0.0.1', target.port, '', 0, MIGRATE_TIMEOUT_MS, 'KEYS', ...keys);
        await afterBatch?.();
      }
    });
    // The target first: the source gives up a slot only when its keys are gone, and both must never lack an owner.
    for (const node of [target, source, ...primaries.filter((other) => other !== source && other !== target)]) {
      await asking(node.port, (redis) => redis.cluster('SETSLOT', slot, 'NODE', to));
    }
  }

  async killPrimaryOf(key: string): Promise<void> {
    const owner = await this.#ownerOf(key);
    this.#gone.add(owner);
    await owner.kill();
  }

  async freezePrimaryOf(key: string): Promise<{ thaw(): void }> {
    const owner = await this.#ownerOf(key);
    this.#gone.add(owner);
    owner.freeze();
    return {
      thaw: () => {
        owner.thaw();
        this.#gone.delete(owner);
      },
    };
  }

  async recovered(key: string): Promise<void> {
    await until('the cluster is whole', async () => {
      const [isAgreed, owner] = await Promise.all([agreed(this.#live()), this.#ownerOf(key)]);
      return isAgreed && !this.#gone.has(owner);
    });
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stop();
  }

  #live(): TestServer[] {
    return this.#nodes.filter((node) => !this.#gone.has(node));
  }

  async #ownerOf(key: string): Promise<TestServer> {
    const [asked] = this.#live();
    if (!asked) throw new Error('no node lives');
    const slot = await slotOf(asked.port, key);
    const range = (await readMap(asked.port)).find(({ first, last }) => first <= slot && slot <= last);
    const owner = this.#nodes.find(({ port }) => port === range?.primary);
    if (!owner) throw new Error(`nobody owns slot ${slot}`);
    return owner;
  }

  async #primaries(): Promise<TestServer[]> {
    const live = this.#live();
    const texts = await Promise.all(live.map(({ port }) => info(port)));
    return live.filter((_, index) => texts[index]?.includes('role:master'));
  }
}

async function startNode(): Promise<TestServer> {
  return TestServer.start({
    // By default the bus is at port + 10000, which may be no port at all.
    args: async (port, dir) => [
      ...['--port', String(port), '--cluster-port', String(await freePort()), '--bind', '127.0.0.1', '--dir', dir],
      ...['--save', '', '--appendonly', 'no', '--repl-diskless-sync-delay', '0'],
      ...['--cluster-enabled', 'yes', '--cluster-node-timeout', String(NODE_TIMEOUT_MS)],
      // A replica is named in the map once it has taken something; the first thing is a ping.
      ...['--cluster-replica-validity-factor', '0', '--repl-ping-replica-period', '1'],
    ],
  });
}

/** The first three own the slots in equal parts; of the others, each follows one of them. */
async function join(nodes: readonly TestServer[]): Promise<void> {
  const busPorts = await Promise.all(nodes.map(({ port }) => busPortOf(port)));
  const share = Math.ceil(SLOTS / PRIMARIES);
  for (const [index, { port }] of nodes.entries()) {
    await asking(port, async (redis) => {
      await redis.cluster('SET-CONFIG-EPOCH', index + 1);
      if (index < PRIMARIES) {
        await redis.cluster('ADDSLOTSRANGE', index * share, Math.min(SLOTS, (index + 1) * share) - 1);
      }
      // Each with each: gossip alone takes its time.
      for (const [other, { port: at }] of nodes.slice(0, index).entries()) {
        await redis.call('CLUSTER', 'MEET', '127.0.0.1', String(at), String(busPorts[other]));
      }
    });
  }
  await until('the nodes know each other', () => agreed(nodes));
  for (const [index, { port }] of nodes.slice(PRIMARIES).entries()) {
    const primary = await idOf(nodes[index]?.port ?? 0);
    await asking(port, (redis) => redis.cluster('REPLICATE', primary));
  }
  await until('the replicas are in step', async () => {
    const texts = await Promise.all(nodes.slice(PRIMARIES).map(({ port }) => info(port)));
    return (
      texts.every((text) => text.includes('master_link_status:up')) && (await agreed(nodes, nodes.length > PRIMARIES))
    );
  });
}

/** Do all of these say that the cluster is whole, and have the same map (with replicas in it, if that is asked for)? */
async function agreed(nodes: readonly TestServer[], withReplicas = false): Promise<boolean> {
  const views = await Promise.all(
    nodes.map(async ({ port }) => {
      const state = await asking(port, (redis) => redis.cluster('INFO'));
      const map = await readMap(port);
      return { isWhole: /^cluster_state:ok\r?$/m.test(state), known: /known_nodes:(\d+)/.exec(state)?.[1], map };
    }),
  );
  const [first] = views;
  return views.every(
    ({ isWhole, known, map }) =>
      isWhole &&
      Number(known) >= nodes.length &&
      JSON.stringify(map.map(({ primary }) => primary)) === JSON.stringify(first?.map.map(({ primary }) => primary)) &&
      (!withReplicas || map.every(({ servers }) => servers === 2)),
  );
}

interface Range {
  readonly first: number;
  readonly last: number;
  /** Port. */
  readonly primary: number;
  readonly servers: number;
}

async function readMap(port: number): Promise<Range[]> {
  const reply = await asking(port, (redis) => redis.call('CLUSTER', 'SLOTS'));
  if (!Array.isArray(reply)) throw new Error('CLUSTER SLOTS has no map');
  return (reply as unknown[][])
    .map(([first, last, ...servers]) => ({
      first: Number(first),
      last: Number(last),
      primary: Number(Array.isArray(servers[0]) ? servers[0][1] : 0),
      servers: servers.length,
    }))
    .sort((a, b) => a.first - b.first);
}

function slotOf(port: number, key: string): Promise<number> {
  return asking(port, (redis) => redis.cluster('KEYSLOT', key));
}

function idOf(port: number): Promise<string> {
  return asking(port, (redis) => redis.cluster('MYID'));
}

async function busPortOf(port: number): Promise<number> {
  const line = await asking(port, (redis) => redis.call('CLUSTER', 'NODES'));
  return Number(/@(\d+)/.exec(String(line))?.[1]);
}
