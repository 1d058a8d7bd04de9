import { type Clock, type Logger, systemClock, toCulvertError, withDeadline } from '@culvert/base';
import type { SliStore } from './bucket.ts';
import type { SliRecorder } from './recorder.ts';

/** What a process that is killed has not told of is at most this old. ms. */
const EVERY_MS = 5_000;
/** Of a pause, so that nodes that started together do not write together. */
const JITTER = 0.2;
const WRITE_DEADLINE_MS = 4_000;

export interface SliWriterOptions {
  readonly recorder: SliRecorder;
  readonly store: SliStore;
  /**
   * This life of the process, from its start to its end: a node that takes a new boot while it runs goes on under the first
   * one here, or what it has counted would stand there twice.
   */
  readonly writer: { readonly node: string; readonly boot: string };
  readonly logger: Logger;
  readonly clock?: Clock;
  /** 0 ≤ x < 1. */
  readonly random?: () => number;
  /** ms; shorter only in tests. */
  readonly everyMs?: number;
}

/** Puts what was counted where others read it. What could not be written stays, and is written with the next. */
export class SliWriter {
  readonly #options: SliWriterOptions;
  #cancel: (() => void) | undefined;
  #trouble: string | undefined;
  #closed = false;

  constructor(options: SliWriterOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock = systemClock, random = Math.random, everyMs = EVERY_MS } = this.#options;
    this.#cancel = clock.after(everyMs * (1 - JITTER / 2 + JITTER * random()), () => {
      void this.flush().then(() => {
        if (!this.#closed) this.start();
      });
    });
  }

  /** Never rejects. False: it could not be written. */
  async flush(): Promise<boolean> {
    const { recorder, store, writer, logger } = this.#options;
    const changes = recorder.changes();
    if (changes.length === 0) return true;
    const buckets = changes.map(({ bucket }) => bucket);
    try {
      await withDeadline(WRITE_DEADLINE_MS, 'writing the service-level counts', () => store.writeSli(writer, buckets));
      for (const { done } of changes) done();
      this.#trouble = undefined;
      return true;
    } catch (thrown) {
      const { code, message } = toCulvertError(thrown);
      // Each reason once: a Redis that is away fails the same way every time.
      if (code !== this.#trouble)
        logger.warn({ event: 'sli.unwritten', code }, `counts are kept for later: ${message}`);
      this.#trouble = code;
      return false;
    }
  }

  /** Writes what is left, once. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.flush();
  }
}
