interface Waiter {
  readonly mark: number;
  readonly done: PromiseWithResolvers<void>;
}

/** How far one connection has come, and how long it was silent on the way. Marks are bytes, messages, answers … */
export class Progress {
  readonly #periodMs: number;
  readonly #nowMs: () => number;
  readonly #waiters = new Set<Waiter>();
  #reached = 0;
  #lastMs: number;
  #longestMs = 0;
  #failure: Error | undefined;

  /** `periodMs`: a silence that is its own, of a connection that says something so often. */
  constructor(periodMs: number, nowMs: () => number = () => performance.now()) {
    this.#periodMs = periodMs;
    this.#nowMs = nowMs;
    this.#lastMs = nowMs();
  }

  get reached(): number {
    return this.#reached;
  }

  /** It has come so far: never less than before. */
  reach(mark: number): void {
    this.#noteSilence();
    this.#lastMs = this.#nowMs();
    this.#reached = mark;
    for (const waiter of this.#waiters) {
      if (waiter.mark > mark) continue;
      this.#waiters.delete(waiter);
      waiter.done.resolve();
    }
  }

  /** It goes on no more: whoever waits, now or later, is told. The first reason stays. */
  fail(reason: Error): void {
    this.#failure ??= reason;
    for (const { done } of this.#waiters) done.reject(this.#failure);
    this.#waiters.clear();
  }

  /** Resolves when it has come to `mark`. Rejects when that will not be any more. */
  when(mark: number): Promise<void> {
    if (this.#reached >= mark) return Promise.resolve();
    if (this.#failure) return Promise.reject(this.#failure);
    const waiter = { mark, done: Promise.withResolvers<void>() };
    this.#waiters.add(waiter);
    return waiter.done.promise;
  }

  /** From here on silences count. */
  watch(): void {
    this.#longestMs = 0;
  }

  /** The longest silence since `watch()`, the one that lasts still included, less the period; ms, ≥ 0. */
  gapMs(): number {
    this.#noteSilence();
    return Math.max(0, this.#longestMs - this.#periodMs);
  }

  #noteSilence(): void {
    this.#longestMs = Math.max(this.#longestMs, this.#nowMs() - this.#lastMs);
  }
}
