/** An event that has been put on the timeline; calling it takes the event off again. */
export type Cancel = () => void;

interface Entry {
  readonly atMs: number;
  /** Ties are broken by the order of insertion: nothing depends on how a heap happens to be laid out. */
  readonly order: number;
  run: (() => void) | undefined;
}

/** What `queueMicrotask` and the event loop are, whoever replaces the globals later. */
const real = { setImmediate: globalThis.setImmediate, nextTick: process.nextTick, queueMicrotask };

/** A turn of the real event loop this often: Node.js tells of unhandled rejections only then. */
const EVENTS_PER_TURN = 512;

/** Virtual time: a queue of events, carried out one by one, each with all promise callbacks that it leads to. */
export class Timeline {
  #nowMs = 0;
  #orders = 0;
  #events = 0;
  #traceHash = 0;
  readonly #heap: Entry[] = [];

  /** Virtual milliseconds since the start; with a fraction. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Events carried out so far. */
  get events(): number {
    return this.#events;
  }

  /** Changes with the time and the order of every event. */
  get traceHash(): number {
    return this.#traceHash;
  }

  /** Puts an event at `atMs`, or now when that has passed. */
  at(atMs: number, run: () => void): Cancel {
    const entry: Entry = { atMs: Math.max(atMs, this.#nowMs), order: this.#orders, run };
    this.#orders += 1;
    this.#push(entry);
    return () => {
      entry.run = undefined;
    };
  }

  /**
   * Carries events out up to and including `untilMs`. `after` is called behind each, once the promise callbacks that it
   * led to have run. Rejects with what an event or `after` threw.
   */
  run(untilMs: number, after: () => void): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const step = (): void => {
      try {
        if (this.#events > 0) after();
        const entry = this.#pop(untilMs);
        if (entry?.run === undefined) {
          this.#nowMs = Math.max(this.#nowMs, untilMs);
          resolve();
          return;
        }
        this.#nowMs = entry.atMs;
        this.#events += 1;
        this.#traceHash = Math.imul(this.#traceHash ^ entry.order, 0x01000193) ^ Math.floor(entry.atMs * 1_000);
        const { run } = entry;
        entry.run = undefined;
        run();
      } catch (error) {
        reject(error);
        return;
      }
      // A tick that is asked for by a microtask comes when no microtask is left.
      if (this.#events % EVENTS_PER_TURN === 0) real.setImmediate(step);
      else real.queueMicrotask(() => real.nextTick(step));
    };
    real.queueMicrotask(() => real.nextTick(step));
    return promise;
  }

  /** The next event that was not cancelled and is due. */
  #pop(untilMs: number): Entry | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || (first.run !== undefined && first.atMs > untilMs)) return undefined;
      this.#takeFirst();
      if (first.run !== undefined) return first;
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Entry;
      if (!before(entry, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  #takeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop() as Entry;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Entry, heap[child] as Entry)) child += 1;
      if (!before(heap[child] as Entry, last)) break;
      heap[at] = heap[child] as Entry;
      at = child;
    }
    heap[at] = last;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
