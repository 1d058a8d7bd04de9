import type { Clock } from '@culvert/base';

/** A clock that stands until it is moved. */
export class ManualClock implements Clock {
  #nowMs = 0;
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { at: this.#nowMs + delayMs, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** When the next timer is due; undefined: there is none. */
  get next(): number | undefined {
    return this.#timers.toSorted((a, b) => a.at - b.at)[0]?.at;
  }

  /** Moves on without running anything, as for a process that is stopped; what fell due runs with the next `advance`. */
  sleep(ms: number): void {
    this.#nowMs += ms;
  }

  /** Moves on, running what is due on the way, in order. */
  advance(ms: number): void {
    const end = this.#nowMs + ms;
    for (;;) {
      const timer = this.#timers.toSorted((a, b) => a.at - b.at)[0];
      if (timer === undefined || timer.at > end) break;
      this.#timers = this.#timers.filter((other) => other !== timer);
      this.#nowMs = Math.max(this.#nowMs, timer.at);
      timer.run();
    }
    this.#nowMs = end;
  }
}
