import type { Clock } from '@culvert/base';

/** An answer that took longer than this says little about what Redis's clock shows now, ms. */
const CLOSE_MS = 250;

/**
 * What Redis's clock shows, estimated from its answers; good enough for deadlines of about a second.
 * Machines' clocks are never compared with it: they may be wrong by any amount.
 */
export class RedisClock {
  readonly #clock: Clock;
  #offsetMs: number | undefined;
  #seenMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  /** `nowMs` was read by Redis after `sentAt` (monotonic): the estimate is late by the way there, never early. */
  learn(nowMs: number, sentAt: number): void {
    this.#seenMs = Math.max(this.#seenMs, nowMs);
    if (this.#offsetMs !== undefined && this.#clock.monotonic() - sentAt > CLOSE_MS) return;
    this.#offsetMs = nowMs - sentAt;
  }

  /** Another server may have taken over, with another clock. */
  forget(): void {
    this.#offsetMs = undefined;
  }

  /** The highest time that any server has told, ms since the Unix epoch; 0: none. */
  get seenMs(): number {
    return this.#seenMs;
  }

  /** Redis's time now, ms since the Unix epoch, or undefined before anything was learned. */
  now(): number | undefined {
    return this.in(0);
  }

  /** Redis's time `ms` from now, or undefined before anything was learned. */
  in(ms: number): number | undefined {
    return this.#offsetMs === undefined ? undefined : Math.ceil(this.#clock.monotonic() + this.#offsetMs + ms);
  }
}
