import { type Clock, CulvertError, systemClock } from '@culvert/base';
import { LRUCache } from 'lru-cache';
import type { Hint, Route } from './types.ts';

/** How old a route may be that is served because Redis is away. */
const MAX_STALE_MS = 3_600_000;

/** What the cache needs of the registry. */
export interface RouteSource {
  /** `verify`: what was answered last turned out to be wrong. */
  route(sessionId: string, options: { verify: boolean }): Promise<Route | undefined>;
  onHint(listener: (hint: Hint) => void): () => void;
  /** Are hints being received now? Told of by the hints `silent` and `reset` from then on. */
  readonly hearing: boolean;
}

export interface RouteCacheOptions {
  /** Routes kept at most. */
  readonly max: number;
  /** Age in ms after which a route is looked up again; bounds what a lost hint costs. */
  readonly ttlMs: number;
  /** Age in ms up to which a route is served while the registry cannot be asked; default one hour. */
  readonly maxStaleMs?: number;
  readonly clock?: Clock;
  /** Told of each look-up, by what answered it. */
  readonly looked?: (outcome: LookUpOutcome) => void;
}

/**
 * `hit`: it was known; `shared`: another look-up of the session was under way; `miss`: the registry was asked; `stale`: it could
 * not be asked, and what was known was given once more; `error`: it could not be asked, and nothing was known.
 */
export type LookUpOutcome = 'hit' | 'shared' | 'miss' | 'stale' | 'error';

interface Known {
  readonly route: Route;
  readonly readAt: number;
  /** A hint or a reset put it in doubt: look it up again first. */
  doubtful: boolean;
}

/** One look-up on its way. */
interface Flight {
  readonly refresh: boolean;
  /** A hint arrived meanwhile: the answer may be older than it, so it is kept only in doubt. */
  overtaken: boolean;
}

/**
 * Routes in memory: one look-up per session at a time, put in doubt by hints, served past their age while Redis is
 * away. While no hints are received, nothing is believed without a look-up. "Nobody owns it" is never kept: the agent may
 * be back the next moment.
 */
export class RouteCache {
  readonly #source: RouteSource;
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #maxStaleMs: number;
  readonly #known: LRUCache<string, Known>;
  readonly #looked: (outcome: LookUpOutcome) => void;
  readonly #flights = new Map<string, { flight: Flight; answer: Promise<Route | undefined> }>();
  readonly #unsubscribe: () => void;
  #deaf: boolean;

  constructor(source: RouteSource, options: RouteCacheOptions) {
    this.#source = source;
    this.#clock = options.clock ?? systemClock;
    this.#ttlMs = options.ttlMs;
    this.#maxStaleMs = options.maxStaleMs ?? MAX_STALE_MS;
    this.#known = new LRUCache({ max: options.max });
    this.#looked = options.looked ?? (() => undefined);
    this.#deaf = !source.hearing;
    this.#unsubscribe = source.onHint((hint) => this.#hear(hint));
  }

  /**
   * The owner, or undefined if nobody owns the session. `refresh`: what the cache said was wrong (`wrong_owner`), ask
   * again. Rejects with `registry_unavailable` if the route is not known and the registry cannot be asked.
   */
  get(sessionId: string, options: { refresh?: boolean } = {}): Promise<Route | undefined> {
    const refresh = options.refresh ?? false;
    const known = this.#known.get(sessionId);
    if (!refresh && known && !known.doubtful && this.#age(known) < this.#ttlMs) {
      this.#looked('hit');
      return Promise.resolve(known.route);
    }
    const current = this.#flights.get(sessionId);
    // A look-up that began before the caller was sent away may bring the same wrong answer.
    if (current && (current.flight.refresh || !refresh)) {
      this.#looked('shared');
      return current.answer;
    }
    return this.#lookUp(sessionId, refresh);
  }

  get size(): number {
    return this.#known.size;
  }

  /** Stops listening to hints. */
  close(): void {
    this.#unsubscribe();
    this.#known.clear();
  }

  #lookUp(sessionId: string, refresh: boolean): Promise<Route | undefined> {
    const flight: Flight = { refresh, overtaken: false };
    const answer = this.#source.route(sessionId, { verify: refresh }).then(
      (route) => this.#keep(sessionId, flight, route),
      (error: unknown) => this.#fallBack(sessionId, refresh, error),
    );
    this.#flights.set(sessionId, { flight, answer });
    const land = (): void => {
      if (this.#flights.get(sessionId)?.flight === flight) this.#flights.delete(sessionId);
    };
    answer.then(land, land);
    return answer;
  }

  #keep(sessionId: string, flight: Flight, route: Route | undefined): Route | undefined {
    this.#looked('miss');
    const known = this.#known.get(sessionId);
    if (!route) this.#known.delete(sessionId);
    else if (!known || known.route.epoch <= route.epoch || flight.refresh) {
      this.#known.set(sessionId, { route, readAt: this.#clock.monotonic(), doubtful: flight.overtaken || this.#deaf });
    }
    return route;
  }

  /** Static stability: a route that worked is better than an error, unless its owner has just denied it. */
  #fallBack(sessionId: string, refresh: boolean, error: unknown): Route {
    const known = this.#known.get(sessionId);
    const away =
      error instanceof CulvertError && (error.code === 'registry_unavailable' || error.code === 'recovering');
    const usable = away && !refresh && known !== undefined && this.#age(known) < this.#maxStaleMs;
    this.#looked(usable ? 'stale' : 'error');
    if (usable) return known.route;
    throw error;
  }

  #hear(hint: Hint): void {
    switch (hint.kind) {
      case 'session': {
        const known = this.#known.peek(hint.sessionId);
        if (known && (known.route.epoch < hint.epoch || hint.owner === null)) known.doubtful = true;
        const current = this.#flights.get(hint.sessionId);
        if (current) current.flight.overtaken = true;
        return;
      }
      case 'silent':
      case 'reset':
        this.#deaf = hint.kind === 'silent';
        for (const known of this.#known.values()) known.doubtful = true;
        for (const { flight } of this.#flights.values()) flight.overtaken = true;
        return;
      case 'node':
      case 'settings':
      case 'deployment':
        return;
    }
  }

  #age(known: Known): number {
    return this.#clock.monotonic() - known.readAt;
  }
}
