interface Entry<T> {
  readonly at: number;
  readonly value: Promise<T>;
}

export interface RememberedOptions {
  /** How long an answer holds, ms. */
  readonly forMs: number;
  readonly max: number;
  /** ms; need not be the time of day. */
  readonly now: () => number;
}

/** Answers that are asked for once in a while, however many ask; failures are not remembered. */
export class Remembered<T> {
  readonly #options: RememberedOptions;
  readonly #entries = new Map<string, Entry<T>>();

  constructor(options: RememberedOptions) {
    this.#options = options;
  }

  get(key: string, ask: () => Promise<T>): Promise<T> {
    const { forMs, max, now } = this.#options;
    const known = this.#entries.get(key);
    if (known !== undefined && now() - known.at < forMs) return known.value;
    const value = ask();
    const entry = { at: now(), value };
    this.#entries.delete(key); // to the end: the first in the map is the oldest
    this.#entries.set(key, entry);
    const oldest = this.#entries.keys().next();
    if (this.#entries.size > max && !oldest.done) this.#entries.delete(oldest.value);
    // Whoever asked hears of the failure; here it only must not stay.
    value.catch(() => this.#entries.get(key) === entry && this.#entries.delete(key));
    return value;
  }
}
