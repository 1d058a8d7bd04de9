import type { Clock } from '@culvert/base';

const PERIOD_MS = 100;
const TICKS_PER_SECOND = 10;

interface Tick {
  /** After its time: how much the load generator itself is held up. */
  readonly lateMs: number;
  /** Every tenth. */
  readonly second: boolean;
}

/** The beat of a run. */
export class Ticker implements Disposable {
  readonly #clock: Clock;
  readonly #onTick: (tick: Tick) => void;
  #cancel: () => void = () => undefined;
  #ticks = 0;
  #dueMs: number;

  constructor(clock: Clock, onTick: (tick: Tick) => void) {
    this.#clock = clock;
    this.#onTick = onTick;
    this.#dueMs = clock.monotonic();
    this.#arm();
  }

  [Symbol.dispose](): void {
    this.#cancel();
  }

  /** On the beat again, however late the last one was; beats that were missed altogether are left out. */
  #arm(): void {
    const now = this.#clock.monotonic();
    this.#dueMs = Math.max(this.#dueMs + PERIOD_MS, now);
    this.#cancel = this.#clock.after(this.#dueMs - now, () => {
      this.#ticks += 1;
      const lateMs = Math.max(0, this.#clock.monotonic() - this.#dueMs);
      this.#arm();
      this.#onTick({ lateMs, second: this.#ticks % TICKS_PER_SECOND === 0 });
    });
  }
}
