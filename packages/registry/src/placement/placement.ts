import { CulvertError } from '@culvert/base';
import type { Rollout } from '../deployments/types.ts';
import type { Registry } from '../registry.ts';
import type { NodeView } from '../types.ts';
import { hasRoom, type Placeable, readyWorkers, rounds } from './candidates.ts';
import type { ReserveReply } from './reserve.ts';
import { sides } from './rollout.ts';

/** From its slot on, an agent has so long to dial and to be claimed before its place is another's. ms. */
export const HOLD_MS = 15_000;
/** The furthest slot that is given; whoever would come later is told to ask again. ms. */
export const HORIZON_MS = 10_000;

/** Room comes with the next agent that leaves, or the next worker that starts. */
const FULL_RETRY_SECONDS = 2;
const FULL_RETRY_SPREAD_SECONDS = 4;

export interface PlacementOptions {
  readonly registry: Pick<Registry, 'reserve'>;
  /** All nodes of the cluster, as of a moment ago. Rejects with `registry_unavailable`. */
  readonly nodes: () => Promise<readonly NodeView[]>;
  /** The canary that is watched, if one is. Rejects with `registry_unavailable`. Absent: there never is one. */
  readonly rollout?: () => Promise<Rollout | null>;
  /** 0 ≤ x < 1; default Math.random. */
  readonly random?: () => number;
}

export interface PlacementWish {
  readonly sessionId: string;
  /** Whose it is, for canaries that some tenants go to. */
  readonly tenant?: string | undefined;
  /** The tenant's pool, then those to which it spills when that is full: see `poolsOf`. */
  readonly pools: readonly string[];
  /** Ids of workers that the agent could not use. */
  readonly exclude: readonly string[];
  /** Id of the worker that the agent was advised to go to. */
  readonly prefer?: string | undefined;
}

export interface Place {
  readonly worker: Placeable;
  /** The agent's slot: it is to dial so long from now, ms. */
  readonly delayMs: number;
}

/** What became of one pool. `blocked`: there is room, but only on workers that the agent does not want. */
type PoolOutcome = Place | 'full' | 'none' | 'blocked';

type Refusal = Exclude<ReserveReply, { outcome: 'reserved' }>;

const noRollout = async (): Promise<null> => null;

/** Finds a worker for a session, and keeps a place there. */
export class Placement {
  readonly #options: PlacementOptions;

  constructor(options: PlacementOptions) {
    this.#options = options;
  }

  /**
   * Rejects with `no_worker_available` when the pools are full, or have no worker for it; with `overloaded` when there is
   * room but more agents come than are let in; both with a Retry-After that differs from agent to agent.
   */
  async place(wish: PlacementWish): Promise<Place> {
    const { rollout = noRollout } = this.#options;
    const [nodes, canary] = await Promise.all([this.#options.nodes(), rollout()]);
    const full: string[] = [];
    for (const pool of wish.pools) {
      const outcome = await this.#placeIn(pool, nodes, canary?.pool === pool ? canary : null, wish);
      if (typeof outcome === 'object') return outcome;
      if (outcome === 'full') full.push(pool);
      // Its own pool will do as soon as the agent gives that worker another chance; it must not leave it for that.
      if (outcome === 'blocked') break;
    }
    throw this.#noWorker(wish.pools, full);
  }

  async #placeIn(
    pool: string,
    nodes: readonly NodeView[],
    canary: Rollout | null,
    wish: PlacementWish,
  ): Promise<PoolOutcome> {
    const workers = readyWorkers(nodes, pool);
    const wanted = workers.filter(({ id }) => !wish.exclude.includes(id));
    const { liked, others, isChosen } = sides(wanted.filter(hasRoom), canary, wish);
    const replies: Refusal[] = [];
    const place = await this.#ask(liked, pool, wish, replies);
    if (place !== undefined) return place;
    // A canary that it was not chosen for is better than no place at all, but not better than to wait for a slot.
    const waitsForSlot = !isChosen && replies.some(({ outcome }) => outcome === 'overloaded');
    const second = waitsForSlot ? undefined : await this.#ask(others, pool, wish, replies);
    if (second !== undefined) return second;
    const waits = replies.flatMap((reply) => (reply.outcome === 'overloaded' ? [reply.retryAfterMs] : []));
    if (waits.length > 0) throw this.#overloaded(pool, Math.min(...waits));
    if (workers.some((worker) => !wanted.includes(worker) && hasRoom(worker))) return 'blocked';
    // Redis has the last word about the workers that were asked for; the others have said that they are full.
    const allGone = replies.length > 0 && replies.every(({ outcome }) => outcome === 'none');
    return workers.length === 0 || allGone ? 'none' : 'full';
  }

  /** A place on one of `workers`; undefined: none has one, and `replies` got why. */
  async #ask(
    workers: readonly Placeable[],
    pool: string,
    { sessionId, prefer }: PlacementWish,
    replies: Refusal[],
  ): Promise<Place | undefined> {
    const { registry, random = Math.random } = this.#options;
    for (const candidates of rounds(workers, prefer, random)) {
      const reply = await registry.reserve({ sessionId, candidates, pool, holdMs: HOLD_MS, horizonMs: HORIZON_MS });
      if (reply.outcome !== 'reserved') {
        replies.push(reply);
        continue;
      }
      const worker = candidates.find(({ id }) => id === reply.node);
      if (worker) return { worker, delayMs: reply.delayMs };
      throw new CulvertError('internal', `a place on ${reply.node} was reserved, which nobody asked for`);
    }
    return undefined;
  }

  /** Whoever is refused now comes back within the next horizon, not all at its beginning. */
  #overloaded(pool: string, retryAfterMs: number): CulvertError {
    const { random = Math.random } = this.#options;
    return new CulvertError('overloaded', `More agents come to pool ${pool} than its workers admit per second.`, {
      retryAfterSeconds: Math.max(1, Math.ceil((retryAfterMs + random() * HORIZON_MS) / 1_000)),
    });
  }

  #noWorker(pools: readonly string[], full: readonly string[]): CulvertError {
    const { random = Math.random } = this.#options;
    const retryAfterSeconds = FULL_RETRY_SECONDS + Math.floor(random() * FULL_RETRY_SPREAD_SECONDS);
    if (full.length > 0) {
      const which = full.length === 1 ? `Pool ${full[0]} is full` : `Pools ${full.join(', ')} are full`;
      return new CulvertError('no_worker_available', `${which}: no worker there has room for another session.`, {
        retryAfterSeconds,
        fix: 'Start another worker there, or let the tenant spill to another pool: `culvert tenants pin --spill`.',
      });
    }
    return new CulvertError('no_worker_available', `No worker of pool ${pools[0]} can take the session now.`, {
      retryAfterSeconds,
      fix: 'Start a worker, or uncordon one: `culvert nodes ls` shows their states.',
    });
  }
}
