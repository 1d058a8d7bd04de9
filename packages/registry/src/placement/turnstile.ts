/** Lets so many in at a time; others wait, in order, and so many of them at most. */
export class Turnstile {
  readonly #most: number;
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  constructor(most: number, mostWaiting: number) {
    this.#most = most;
    this.#mostWaiting = mostWaiting;
  }

  /** Resolves, at one's turn, to what is called on leaving; at once to undefined when too many wait already. */
  async enter(): Promise<(() => void) | undefined> {
    if (this.#inside < this.#most) {
      this.#inside += 1;
    } else {
      if (this.#waiting.length >= this.#mostWaiting) return undefined;
      // Who leaves hands its place over, so nobody gets in between.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return () => this.#leave();
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#inside -= 1;
    else next();
  }
}
