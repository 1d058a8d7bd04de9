import type { Clock } from '@culvert/base';

/**
 * How long a worker that failed is not asked for, ms: what the cluster takes at most to know that it is dead (its lease ends
 * after 6 s) and to have everybody hear of it.
 */
const AVOID_MS = 10_000;

/** Workers that could not be used a moment ago. */
export class Avoided {
  readonly #clock: Clock;
  readonly #until = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(node: string): void {
    this.#until.set(node, this.#clock.monotonic() + AVOID_MS);
  }

  list(): string[] {
    const now = this.#clock.monotonic();
    for (const [node, until] of this.#until) if (until <= now) this.#until.delete(node);
    return [...this.#until.keys()];
  }

  /** One of them has served since, or there are no others. */
  clear(): void {
    this.#until.clear();
  }
}
