import { type Clock, CulvertError, systemClock } from '@culvert/base';
import { HORIZON_MS } from './placement.ts';
import { Turnstile } from './turnstile.ts';

/** Requests for places that one process has under way: more would not be faster, Redis takes them one by one. */
const UNDER_WAY = 16;
/** … and that wait for their turn; some two seconds' worth. */
const WAITING = 1_000;
/** How many times the horizon of slots agents are spread over at most, when far more come than are served. */
const MOST_HORIZONS = 6;
/** After each such time, what was counted before counts half. ms. */
const WINDOW_MS = 5_000;

export interface DoorkeeperOptions {
  readonly clock?: Clock;
  /** 0 ≤ x < 1; default Math.random. */
  readonly random?: () => number;
}

/**
 * Lets in as many requests for places as can be answered in time. Whoever comes beyond is turned away at once, before
 * anything was asked of Redis, and told to come back within a time that grows with how many were: a queue without an end
 * would be worked off for agents that have given up.
 */
export class Doorkeeper {
  readonly #turnstile = new Turnstile(UNDER_WAY, WAITING);
  readonly #clock: Clock;
  readonly #random: () => number;
  #served = 0;
  #turnedAway = 0;
  #windowEndsMs: number;

  constructor({ clock = systemClock, random = Math.random }: DoorkeeperOptions = {}) {
    this.#clock = clock;
    this.#random = random;
    this.#windowEndsMs = clock.monotonic() + WINDOW_MS;
  }

  /**
   * Does the work when it is its turn. Rejects with `overloaded` and a Retry-After, with `cancelled` when whoever asked has
   * `gone` by then (a place would be kept for nobody), or as the work does.
   */
  async admit<T>(work: () => Promise<T>, gone: () => boolean = () => false): Promise<T> {
    this.#fade();
    const leave = await this.#turnstile.enter();
    if (leave === undefined) throw this.#turnAway();
    try {
      if (gone()) throw new CulvertError('cancelled', 'Whoever asked has given up.');
      const answer = await work();
      this.#served += 1;
      return answer;
    } finally {
      leave();
    }
  }

  #turnAway(): CulvertError {
    this.#turnedAway += 1;
    const horizons = Math.min(MOST_HORIZONS, Math.max(1, this.#turnedAway / Math.max(1, this.#served)));
    return new CulvertError('overloaded', 'More agents ask for a place than can be answered.', {
      retryAfterSeconds: Math.max(1, Math.ceil((this.#random() * horizons * HORIZON_MS) / 1_000)),
    });
  }

  #fade(): void {
    const nowMs = this.#clock.monotonic();
    if (nowMs < this.#windowEndsMs) return;
    this.#windowEndsMs = nowMs + WINDOW_MS;
    this.#served /= 2;
    this.#turnedAway /= 2;
  }
}
