export interface BackoffOptions {
  /** Upper bound of the first delay, in ms. */
  readonly firstMs: number;
  /** Upper bound that no delay exceeds, in ms. */
  readonly maxMs: number;
  /** 0 ≤ x < 1; injected so that tests know the delays. */
  readonly random?: () => number;
}

/**
 * Exponential back-off with full jitter: each delay is uniform in [0, bound), and the bound doubles
 * up to `maxMs`. Full jitter, because a thousand agents that lost one worker must not come back together
 * (AWS Architecture Blog, "Exponential Backoff And Jitter").
 */
export class Backoff {
  readonly #options: BackoffOptions;
  #attempt = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** How many delays were handed out since the last reset. */
  get attempts(): number {
    return this.#attempt;
  }

  /** The next delay in ms; never less than `floorMs` (a server's Retry-After, say). */
  next(floorMs = 0): number {
    const { firstMs, maxMs, random = Math.random } = this.#options;
    const bound = Math.min(maxMs, firstMs * 2 ** Math.min(this.#attempt, 30));
    this.#attempt += 1;
    return floorMs + random() * bound;
  }

  /** What was tried works again: start over. */
  reset(): void {
    this.#attempt = 0;
  }
}
