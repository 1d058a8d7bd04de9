import type { Clock, ErrorCode } from '@culvert/base';
import { type StreamEnd, StreamStore, type StreamStoreOptions } from '@culvert/mux';

export interface ResumeWindowOptions {
  readonly clock: Clock;
  /** How long a stream without a path waits to be resumed, ms. */
  readonly resumeWindowMs: number;
  /** An open stream lost its path. */
  readonly onDetached?: (stream: StreamEnd) => void;
  /** It goes on over another; `replayed`: bytes that were sent again. */
  readonly onResumed?: (stream: StreamEnd, replayed: number) => void;
  /** Windows and budgets other than those of the protocol. */
  readonly limits?: Pick<StreamStoreOptions, 'window' | 'budget' | 'keptBudget'>;
}

/**
 * The streams of an agent's session, whatever link they are on, and the clock that ends those which nobody comes back
 * for. A timer is armed as long as a stream is without a path, and only then.
 */
export class ResumeWindow {
  readonly store: StreamStore;
  readonly #clock: Clock;
  #cancelTimer: (() => void) | undefined;

  constructor(options: ResumeWindowOptions) {
    const { clock, resumeWindowMs, onDetached, onResumed, limits } = options;
    this.#clock = clock;
    this.store = new StreamStore({
      ...limits,
      nowMs: () => clock.monotonic(),
      resumeWindowMs,
      onDetached: (item) => {
        // What comes later falls due later: an armed timer is early enough for all.
        if (this.#cancelTimer === undefined) this.#arm();
        if ('attached' in item) onDetached?.(item);
      },
      ...(onResumed === undefined ? {} : { onResumed }),
    });
  }

  /** Breaks every stream off; the peers are told where there is a path, so call it before the links are closed. */
  breakOff(code: ErrorCode, message: string): void {
    this.store.breakOff(code, message);
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #arm(): void {
    const due = this.store.nextDeadlineMs;
    if (due === undefined) return;
    this.#cancelTimer = this.#clock.after(Math.max(1, due - this.#clock.monotonic()), () => {
      this.#cancelTimer = undefined;
      this.store.tick();
      // A listener of what has just ended may have armed it already.
      if (this.#cancelTimer === undefined) this.#arm();
    });
  }
}
