/**
 * How many bytes the windows of many streams may add up to. Budgets nest: what a session's budget grants, the
 * process's budget has granted as well. Only what windows hold above the guaranteed minimum is counted.
 */
export class Budget {
  readonly limit: number;
  readonly #parent: Budget | undefined;
  #reserved = 0;

  constructor(limit: number, parent?: Budget) {
    this.limit = limit;
    this.#parent = parent;
  }

  /** Bytes granted and not given back. */
  get reserved(): number {
    return this.#reserved;
  }

  /** True when `bytes` were granted here and in every budget above; nothing is taken otherwise. */
  reserve(bytes: number): boolean {
    if (this.#reserved + bytes > this.limit) return false;
    if (this.#parent !== undefined && !this.#parent.reserve(bytes)) return false;
    this.#reserved += bytes;
    return true;
  }

  release(bytes: number): void {
    if (bytes > this.#reserved) throw new RangeError(`released ${bytes} bytes of ${this.#reserved} reserved`);
    this.#reserved -= bytes;
    this.#parent?.release(bytes);
  }
}
