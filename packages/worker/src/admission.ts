import { type Clock, CulvertError } from '@culvert/base';
import type { AgentTicket } from '@culvert/service';

/** So much of the rate may come at once after a quiet time, s. */
const BURST_SECONDS = 2;
/** How far from its slot an agent may be, ms: machines' clocks differ a little, and dialing takes a moment. */
const EARLY_MS = 250;
const LATE_MS = 15_000;
/** Who is refused comes back within this time, spread over it, s. */
const RETRY_SPREAD_SECONDS = 5;

export interface AdmissionOptions {
  /** Agents per second that are let in without a slot, 1 or more. */
  readonly ratePerSecond: number;
  readonly clock: Clock;
  /** 0 ≤ x < 1; default Math.random. */
  readonly random?: () => number;
}

/**
 * How many agents a worker lets in: a token bucket. The routing API hands out slots at the worker's rate, so whoever
 * comes in its slot is let in, and counted; the limit is for those who come without one, or at another time.
 */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #most: number;
  #tokens: number;
  #filledMs: number;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#most = Math.max(1, options.ratePerSecond * BURST_SECONDS);
    this.#tokens = this.#most;
    this.#filledMs = options.clock.monotonic();
  }

  /** Asked before anything is done for an agent. @throws CulvertError overloaded, with a Retry-After */
  admit(ticket: Pick<AgentTicket, 'slotAt'>): void {
    this.#fill();
    if (this.#tokens < 1 && !this.#isInSlot(ticket.slotAt)) throw this.#overloaded();
    this.#tokens = Math.max(0, this.#tokens - 1);
  }

  #fill(): void {
    const { clock, ratePerSecond } = this.#options;
    const nowMs = clock.monotonic();
    this.#tokens = Math.min(this.#most, this.#tokens + ((nowMs - this.#filledMs) * ratePerSecond) / 1_000);
    this.#filledMs = nowMs;
  }

  #isInSlot(slotAt: number | undefined): boolean {
    if (slotAt === undefined) return false;
    const lateMs = this.#options.clock.now() - slotAt;
    return lateMs >= -EARLY_MS && lateMs < LATE_MS;
  }

  #overloaded(): CulvertError {
    const { ratePerSecond, random = Math.random } = this.#options;
    return new CulvertError('overloaded', `this worker admits ${ratePerSecond} agents per second`, {
      retryAfterSeconds: 1 + Math.floor(random() * RETRY_SPREAD_SECONDS),
    });
  }
}
