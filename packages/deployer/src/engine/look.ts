import { type Logger, toCulvertError } from '@culvert/base';
import type { Blocker } from '@culvert/contracts';
import type { NodeView } from '@culvert/registry';
import { forEachBounded } from '@culvert/service';
import type { Holder, Observation, ObservedHealth } from '../core/types.ts';
import type { EngineRegistry, NodeAsker } from './world.ts';

const AT_ONCE = 16;
const MAX_HOLDERS = 20;
const PAGE = 500;
/** Of one worker's sessions, when all of them are away. */
const MAX_PAGES = 20;

/** One look at the nodes of a cluster, as the registry had them a moment ago. What gives no answer is left out, or null. */
export class Look {
  readonly #client: NodeAsker;
  readonly #registry: Pick<EngineRegistry, 'listSessions' | 'listReservations'>;
  readonly #nodes: ReadonlyMap<string, NodeView>;
  readonly #signal: AbortSignal;
  readonly #logger: Logger;

  constructor(options: {
    readonly client: NodeAsker;
    readonly registry: Pick<EngineRegistry, 'listSessions' | 'listReservations'>;
    readonly nodes: readonly NodeView[];
    readonly signal: AbortSignal;
    readonly logger: Logger;
  }) {
    this.#client = options.client;
    this.#registry = options.registry;
    this.#nodes = new Map(options.nodes.filter(({ state }) => state !== 'dead').map((node) => [node.id, node]));
    this.#signal = options.signal;
    this.#logger = options.logger;
  }

  /** Of the live nodes among `ids`, what `ask` resolves to; those that did not answer are left out. */
  async each<T>(ids: readonly string[], ask: (node: NodeView) => Promise<T>): Promise<Record<string, T>> {
    const answers: Record<string, T> = {};
    const known = ids.flatMap((id) => this.#nodes.get(id) ?? []);
    await forEachBounded(known, AT_ONCE, async (node) => {
      const answer = await this.#try(node, () => ask(node));
      if (answer !== undefined) answers[node.id] = answer;
    });
    return answers;
  }

  async health(ids: readonly string[]): Promise<Record<string, ObservedHealth>> {
    const answers = await this.each(ids, ({ admin }) => this.#client.readiness(admin, this.#signal));
    const silent = (id: string): ObservedHealth => ({
      ...{ ready: false, unreachable: true },
      reasons: [this.#nodes.has(id) ? 'it does not answer' : 'it is not in the registry'],
    });
    return Object.fromEntries(
      ids.map((id) => [id, answers[id] === undefined ? silent(id) : { ...answers[id], unreachable: false }]),
    );
  }

  drains(ids: readonly string[]): Promise<Observation['drains']> {
    return this.each(ids, ({ admin }) => this.#client.drainReport(admin, this.#signal));
  }

  stats(ids: readonly string[]) {
    return this.each(ids, ({ admin }) => this.#client.stats(admin, this.#signal));
  }

  /** What each live gateway and API believes of each of `ids`; one that does not know the node has not answered. */
  async beliefs(ids: readonly string[]): Promise<Observation['beliefs']> {
    const believers = this.#liveOf('gateway', 'api').map(({ id }) => id);
    const beliefs: Record<string, Observation['beliefs'][string]> = {};
    for (const about of ids) {
      const answers = await this.each(believers, ({ admin }) => this.#client.believedNode(admin, about, this.#signal));
      beliefs[about] = this.#liveOf('gateway', 'api').map(({ id, role }) => {
        const answer = answers[id];
        return { node: id, role, cordoned: answer?.known ? answer.cordoned : null };
      });
    }
    return beliefs;
  }

  async empty(ids: readonly string[]): Promise<Observation['empty']> {
    if (ids.length === 0) return {};
    const edges = this.#liveOf('gateway').map(({ id }) => id);
    const links = await this.each(edges, ({ admin }) => this.#client.edgeLinks(admin, this.#signal));
    const answers = edges.flatMap((id) => links[id] ?? []);
    const streamsTo = (id: string): number =>
      answers.flatMap(({ items }) => items).reduce((sum, { node, streams }) => sum + (node === id ? streams : 0), 0);
    const found: Record<string, Observation['empty'][string]> = {};
    await forEachBounded(ids, AT_ONCE, async (id) => {
      const node = this.#nodes.get(id);
      found[id] = {
        worker: node === undefined ? null : ((await this.#try(node, () => this.#emptyNode(node))) ?? null),
        registry: node === undefined ? null : ((await this.#try(node, () => this.#inRegistry(node))) ?? null),
        gateways: answers.length < edges.length ? null : { streams: streamsTo(id), asked: edges.length },
      };
    });
    return found;
  }

  async holders(ids: readonly string[]): Promise<Observation['holders']> {
    const blockers = await this.each(ids, ({ admin }) => this.#client.blockers(admin, this.#signal));
    return Object.fromEntries(Object.entries(blockers).map(([id, items]) => [id, holdersOf(items)]));
  }

  #liveOf(...roles: readonly string[]): NodeView[] {
    return [...this.#nodes.values()].filter(({ role }) => roles.includes(role));
  }

  /** Other roles than workers say it with each beat. */
  #emptyNode(node: NodeView): Promise<NonNullable<Observation['empty'][string]['worker']>> {
    if (node.role === 'worker') return this.#client.readyToTerminate(node.admin, this.#signal);
    const { state, sessions, connections } = node;
    return Promise.resolve({ ready: state === 'empty', sessions, connections, bufferedBytes: 0 });
  }

  /** An agent that is away keeps its record here until it claims elsewhere; the worker holds nothing of it any more. */
  async #inRegistry({ id }: NodeView): Promise<{ owned: number; reserved: number } | undefined> {
    const reserved = (await this.#registry.listReservations(id)).length;
    let owned = 0;
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const { items, next } = await this.#registry.listSessions({
        node: id,
        limit: PAGE,
        ...(cursor ? { cursor } : {}),
      });
      owned += items.filter(({ state }) => state !== 'offline').length;
      // A number beyond this page's would change nothing.
      if (next === null || owned > 0) return { owned, reserved };
      cursor = next;
    }
    return undefined;
  }

  async #try<T>(node: NodeView, ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      const { code } = toCulvertError(error);
      this.#logger.debug(
        { event: 'deploy.unseen', target_node_id: node.id, code, err: error },
        'a node could not be seen',
      );
      return undefined;
    }
  }
}

function holdersOf(items: readonly Blocker[]): Observation['holders'][string] {
  const oldest = items.toSorted((one, other) => Date.parse(one.since) - Date.parse(other.since));
  return { items: oldest.slice(0, MAX_HOLDERS).map(holderOf), total: items.length };
}

function holderOf(blocker: Blocker): Holder {
  const { session, tenant, name, connection, target, reason, since, lastByteAt, bytesPerSecond } = blocker;
  return {
    ...{ session, tenant, name, connection, target, reason, sinceMs: Date.parse(since) },
    lastByteMs: lastByteAt ? Date.parse(lastByteAt) : null,
    bytesPerSecond: bytesPerSecond ?? null,
  };
}
