import type { Clock } from '@culvert/base';

/** How long what enters a line stays in it; held: until it is released. */
export type Passage = 'held' | { readonly delayMs: () => number; readonly bytesPerSecond: number };

interface Item {
  readonly bytes: number;
  dueMs: number;
  readonly pass: () => void;
}

/** One direction of a socket that is slow, or cut: what comes leaves later, in the order in which it came. */
export class DelayLine {
  readonly #clock: Clock;
  readonly #emptied: () => void;
  #passage: Passage;
  #items: Item[] = [];
  #bytes = 0;
  #lastDueMs = 0;
  /** When the line has carried what was put into it so far. */
  #freeAtMs = 0;
  #cancelTimer: () => void = () => undefined;

  /** `emptied`: the last item has left. */
  constructor(clock: Clock, passage: Passage, emptied: () => void) {
    this.#clock = clock;
    this.#passage = passage;
    this.#emptied = emptied;
  }

  /** Bytes in it now. */
  get bytes(): number {
    return this.#bytes;
  }

  get empty(): boolean {
    return this.#items.length === 0;
  }

  put(bytes: number, pass: () => void): void {
    this.#items.push({ bytes, dueMs: this.#dueMs(bytes), pass });
    this.#bytes += bytes;
    if (this.#items.length === 1) this.#arm();
  }

  /** Everything leaves now, and whatever comes later at once. */
  release(): void {
    this.#passage = { delayMs: () => 0, bytesPerSecond: Number.POSITIVE_INFINITY };
    for (const item of this.#items) item.dueMs = 0;
    this.#pass();
  }

  /** Nothing leaves any more. */
  drop(): void {
    this.#cancelTimer();
    this.#items = [];
    this.#bytes = 0;
  }

  #dueMs(bytes: number): number {
    if (this.#passage === 'held') return Number.POSITIVE_INFINITY;
    const { delayMs, bytesPerSecond } = this.#passage;
    this.#freeAtMs = Math.max(this.#clock.monotonic(), this.#freeAtMs) + (bytes / bytesPerSecond) * 1_000;
    // Jitter must not let it overtake the one in front of it.
    this.#lastDueMs = Math.max(this.#lastDueMs, this.#freeAtMs + delayMs());
    return this.#lastDueMs;
  }

  #arm(): void {
    this.#cancelTimer();
    const [first] = this.#items;
    if (first === undefined || first.dueMs === Number.POSITIVE_INFINITY) return;
    this.#cancelTimer = this.#clock.after(Math.max(0, first.dueMs - this.#clock.monotonic()), () => this.#pass());
  }

  #pass(): void {
    const now = this.#clock.monotonic();
    while (this.#items[0] !== undefined && this.#items[0].dueMs <= now) {
      const item = this.#items.shift();
      if (item === undefined) break;
      this.#bytes -= item.bytes;
      item.pass();
    }
    if (this.#items.length === 0) this.#emptied();
    else this.#arm();
  }
}
