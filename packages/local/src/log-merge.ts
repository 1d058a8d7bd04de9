import type { LogSource, TextTest } from './log-reader.ts';
import type { LogRecord, LogTrouble } from './log-records.ts';

/** One log that is being read: the batch that it is in. */
class Cursor {
  readonly #batches: AsyncIterator<LogRecord[]>;
  #batch: readonly LogRecord[] = [];
  #at = 0;

  constructor(batches: AsyncIterable<LogRecord[]>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  get head(): LogRecord | undefined {
    return this.#batch[this.#at];
  }

  /** Goes on by one; false: a batch has to be waited for. */
  step(): boolean {
    this.#at += 1;
    return this.#at < this.#batch.length;
  }

  async refill(): Promise<void> {
    const { value, done } = await this.#batches.next();
    this.#batch = done === true ? [] : value;
    this.#at = 0;
  }

  async close(): Promise<void> {
    await this.#batches.return?.();
  }
}

/**
 * The records of several logs in the order of their time; those of one moment in the order of the sources, and within one
 * source as they were written. Holds one batch of each.
 */
export async function* mergeLogs(
  sources: readonly LogSource[],
  test: TextTest,
  told: (trouble: LogTrouble) => void,
): AsyncGenerator<LogRecord> {
  const cursors = sources.map((source) => new Cursor(source.batches(test, told)));
  try {
    for (const cursor of cursors) await cursor.refill();
    for (let next = earliest(cursors); next !== undefined; next = earliest(cursors)) {
      const { head } = next;
      if (!next.step()) await next.refill();
      if (head !== undefined) yield head;
    }
  } finally {
    for (const cursor of cursors) await cursor.close();
  }
}

function earliest(cursors: readonly Cursor[]): Cursor | undefined {
  let first: Cursor | undefined;
  let firstMs = Number.POSITIVE_INFINITY;
  for (const cursor of cursors) {
    const { head } = cursor;
    if (head === undefined || head.ms >= firstMs) continue;
    first = cursor;
    firstMs = head.ms;
  }
  return first;
}
