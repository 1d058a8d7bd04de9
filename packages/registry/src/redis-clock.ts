import type { Clock } from '@culvert/base';

/**
 * What Redis's clock shows, estimated from the last beat; good enough for deadlines of about a second.
 * Machines' clocks are never compared with it: they may be wrong by any amount.
 */
export class RedisClock {
  readonly #clock: Clock;
  #offsetMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  /** `nowMs` was read by Redis after `sentAt` (monotonic): the estimate is late by the way there, never early. */
  learn(nowMs: number, sentAt: number): void {
    this.#offsetMs = nowMs - sentAt;
  }

  /** Another server may have taken over, with another clock. */
  forget(): void {
    this.#offsetMs = undefined;
  }

  /** Redis's time `ms` from now, or undefined before anything was learned. */
  in(ms: number): number | undefined {
    return this.#offsetMs === undefined ? undefined : Math.ceil(this.#clock.monotonic() + this.#offsetMs + ms);
  }
}
