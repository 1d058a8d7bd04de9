import type { Clock } from '@culvert/base';
import { Deadlines } from '@culvert/mux';

export interface ExpiryOptions<T> {
  readonly clock: Clock;
  /** From when it was added, ms. */
  readonly afterMs: number;
  readonly expired: (item: T) => void;
}

/** Tells of each item once its time is up; one timer for all. What came to matter no more is told of as well. */
export class Expiry<T> {
  readonly #options: ExpiryOptions<T>;
  readonly #due = new Deadlines<T>();
  #armed = false;

  constructor(options: ExpiryOptions<T>) {
    this.#options = options;
  }

  add(item: T): void {
    const { clock, afterMs } = this.#options;
    this.#due.add(item, clock.monotonic() + afterMs);
    this.#arm();
  }

  #arm(): void {
    const { clock, expired } = this.#options;
    const { nextMs } = this.#due;
    if (this.#armed || nextMs === undefined) return;
    this.#armed = true;
    clock.after(Math.max(1, nextMs - clock.monotonic()), () => {
      this.#armed = false;
      for (const item of this.#due.take(clock.monotonic())) expired(item);
      this.#arm();
    });
  }
}
