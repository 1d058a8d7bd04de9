import type { Clock } from '@culvert/base';

/** An agent whose connections wait does not wait longer than this for its slot, ms: they have a minute, not more. */
export const SLOT_URGENT_MS = 1_000;

/** The wait of an agent for the moment at which it is to dial. */
export class Slot {
  readonly #clock: Clock;
  readonly #done = Promise.withResolvers<void>();
  #atMs: number;
  #cancelTimer: () => void;

  constructor(clock: Clock, delayMs: number) {
    this.#clock = clock;
    this.#atMs = clock.monotonic() + delayMs;
    this.#cancelTimer = clock.after(delayMs, this.#done.resolve);
  }

  /** Something waits for the agent by now: it goes SLOT_URGENT_MS from now at the latest. */
  hurry(): void {
    const urgentMs = this.#clock.monotonic() + SLOT_URGENT_MS;
    if (this.#atMs <= urgentMs) return;
    this.#atMs = urgentMs;
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(SLOT_URGENT_MS, this.#done.resolve);
  }

  /** Resolves when the slot has come. Rejects with the signal's reason when it is aborted before; no timer is left then. */
  async wait(signal: AbortSignal): Promise<void> {
    const abort = (): void => this.#done.reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      await this.#done.promise;
    } finally {
      this.#cancelTimer();
      signal.removeEventListener('abort', abort);
    }
  }
}
