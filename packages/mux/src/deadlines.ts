/** Items that each have to be dealt with by a deadline; they are added in the order in which they fall due. */
export class Deadlines<T> {
  readonly #due = new Map<T, number>();

  get size(): number {
    return this.#due.size;
  }

  /** When the first one is due, ms; undefined when there is none. */
  get nextMs(): number | undefined {
    for (const dueMs of this.#due.values()) return dueMs;
    return undefined;
  }

  has(item: T): boolean {
    return this.#due.has(item);
  }

  items(): T[] {
    return [...this.#due.keys()];
  }

  add(item: T, dueMs: number): void {
    this.#due.delete(item);
    this.#due.set(item, dueMs);
  }

  delete(item: T): boolean {
    return this.#due.delete(item);
  }

  /** Takes out what is due. */
  take(nowMs: number): T[] {
    const taken: T[] = [];
    for (const [item, dueMs] of this.#due) {
      if (dueMs > nowMs) break;
      taken.push(item);
    }
    for (const item of taken) this.#due.delete(item);
    return taken;
  }
}
