import type { Clock } from '@culvert/base';

interface Waiting {
  readonly go: () => void;
  readonly giveUp: (reason: unknown) => void;
  readonly signal: AbortSignal;
}

/** The one core of a process: so many requests a second, in the order in which they came. */
export class Turns {
  readonly #everyMs: number;
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiting>();
  #freeAtMs = 0;
  #armed = false;

  constructor(ratePerSecond: number, clock: Clock) {
    this.#everyMs = 1_000 / ratePerSecond;
    this.#clock = clock;
  }

  /** Resolves when it is its turn. Whoever was aborted meanwhile takes none, and is rejected with the signal's reason then. */
  next(signal: AbortSignal): Promise<void> {
    // A quiet time is no credit.
    if (this.#waiting.size === 0) this.#freeAtMs = Math.max(this.#freeAtMs, this.#clock.monotonic());
    return new Promise((go, giveUp) => {
      this.#waiting.add({ go, giveUp, signal });
      this.#arm();
    });
  }

  #arm(): void {
    if (this.#armed || this.#waiting.size === 0) return;
    this.#armed = true;
    this.#clock.after(Math.max(0, this.#freeAtMs - this.#clock.monotonic()), () => this.#release());
  }

  #release(): void {
    this.#armed = false;
    const now = this.#clock.monotonic();
    // Timers are late by a millisecond or more: what was due meanwhile is done at once.
    for (const waiting of this.#waiting) {
      if (this.#freeAtMs > now) break;
      this.#waiting.delete(waiting);
      if (waiting.signal.aborted) {
        waiting.giveUp(waiting.signal.reason);
        continue;
      }
      this.#freeAtMs += this.#everyMs;
      waiting.go();
    }
    this.#arm();
  }
}
