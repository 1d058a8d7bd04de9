import { Backoff, type Logger, sleep } from '@culvert/base';
import { closeClient } from '../redis/client.ts';
import type { RedisClient } from '../redis/connection.ts';
import { describeRedisError } from '../redis/errors.ts';
import { BEGINNING, type EventEntry, toEntryOf } from './entry.ts';
import { type HistoryPart, lossAfter } from './history.ts';
import { EventRing } from './ring.ts';

/** How long Redis may let a read wait, ms; then it is asked whether its history is still the same. */
export const BLOCK_MS = 2_000;
/** Entries of one read. */
const BATCH = 500;
/** Entries that are kept for followers who are a little behind; about 1 MiB. */
const RING_CAPACITY = 2_000;
const RECONNECT_FIRST_MS = 100;
const RECONNECT_MAX_MS = 2_000;

export interface EventTailOptions {
  /** Key of the stream. */
  readonly key: string;
  /** A client that is not connected yet, for blocking reads: its command timeout is longer than BLOCK_MS. */
  readonly client: () => RedisClient;
  /** Reads up to `count` entries after an id, on the connection of all commands. */
  readonly read: (after: string, count: number) => Promise<HistoryPart>;
  readonly logger: Logger;
}

export interface TailFollower {
  /** Makes it leave. */
  close(): void;
}

/**
 * Reads the end of the history as it grows, on one connection for the whole process, while anybody follows it.
 * A connection that fails gives way to a new one, for ever; reading goes on after the last entry that was seen.
 */
export class EventTail {
  readonly #options: EventTailOptions;
  readonly #waiting = new Set<() => void>();
  readonly #backoff = new Backoff({ firstMs: RECONNECT_FIRST_MS, maxMs: RECONNECT_MAX_MS });
  #ring: EventRing | undefined;
  readonly #followers = new Set<TailFollower>();
  #away = false;
  #version = 0;
  #stop: AbortController | undefined;
  /** Ends the present connection, or the wait for the next one. */
  #attempt = new AbortController();
  /** Settles once everything that ran has ended. */
  #ended: Promise<void> = Promise.resolve();

  constructor(options: EventTailOptions) {
    this.#options = options;
  }

  /** What it has seen; undefined until it was connected. */
  get ring(): EventRing | undefined {
    return this.#ring;
  }

  /** True from a failure until it reads again. */
  get away(): boolean {
    return this.#away;
  }

  /** Rises whenever there is something new: in the ring, or about being away. */
  get version(): number {
    return this.#version;
  }

  /** Whoever joins leaves once. */
  join(follower: TailFollower): void {
    this.#followers.add(follower);
    if (this.#stop) return;
    const stop = new AbortController();
    this.#stop = stop;
    this.#ended = this.#ended.then(() => this.#run(stop.signal));
  }

  leave(follower: TailFollower): void {
    if (!this.#followers.delete(follower) || this.#followers.size > 0) return;
    this.#stop?.abort();
    this.#stop = undefined;
    this.#attempt.abort();
    this.#ring = undefined;
    this.#away = false;
  }

  /** Another server may have taken over: connects anew, at once. */
  reconnect(): void {
    this.#attempt.abort();
  }

  /** Resolves once `version` is another than this, or when the signal is aborted. */
  changed(version: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      if (version !== this.#version || signal.aborted) {
        resolve();
        return;
      }
      this.#waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  /** Closes all who follow, which ends the connection. */
  async close(): Promise<void> {
    for (const follower of this.#followers) follower.close();
    await this.#ended;
  }

  /** Never rejects: what goes wrong is told by `away`, and tried again. */
  async #run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      this.#attempt = new AbortController();
      const signal = AbortSignal.any([stop, this.#attempt.signal]);
      const client = this.#options.client();
      // A blocked read ends with its connection.
      const cut = (): void => client.disconnect();
      signal.addEventListener('abort', cut, { once: true });
      try {
        await this.#follow(client, stop);
      } catch (error) {
        if (!signal.aborted) this.#failed(error);
      }
      signal.removeEventListener('abort', cut);
      await closeClient(client);
      if (!this.#attempt.signal.aborted) await sleep(this.#backoff.next(), signal);
    }
  }

  async #follow(client: RedisClient, stop: AbortSignal): Promise<void> {
    const { key } = this.#options;
    let trouble: unknown;
    // It comes before the rejection of a command, and says more.
    client.on('error', (error: unknown) => {
      trouble ??= error;
    });
    try {
      await client.connect();
      await this.#compare(stop);
      while (!stop.aborted) {
        const entries = await nextEntries(client, key, this.#ring?.last ?? BEGINNING);
        // None for a while: is the history still the same? So many: were some trimmed before they could be read?
        if (entries.length === 0 || entries.length === BATCH) await this.#compare(stop);
        else this.#add(entries, stop);
      }
    } catch (error) {
      throw trouble ?? error;
    }
  }

  /** Reads what is after the last entry that was seen, with a look at what of it can't be read any more. */
  async #compare(stop: AbortSignal): Promise<void> {
    for (;;) {
      const after = this.#ring?.last ?? BEGINNING;
      const part = await this.#options.read(after, BATCH);
      if (stop.aborted) return;
      this.#backoff.reset();
      if (this.#away) {
        this.#away = false;
        this.#tell();
      }
      if (!this.#ring) {
        this.#ring = new EventRing(part.newest ?? BEGINNING, RING_CAPACITY);
        this.#tell();
        return;
      }
      const loss = lossAfter(after, part);
      const { oldest, newest } = part;
      if (loss === 'rewound') {
        // What is left is the beginning of what was seen (a failover that lost the end), or all new.
        const next = newest !== null && this.#ring.has(newest) ? newest : BEGINNING;
        this.#ring.addGap({ after, oldest, next });
        this.#tell();
        continue;
      }
      if (loss === 'some') this.#ring.addGap({ after, oldest, next: after });
      this.#add(part.entries, stop);
      if (part.entries.length < BATCH) return;
    }
  }

  #add(entries: readonly EventEntry[], stop: AbortSignal): void {
    if (stop.aborted || entries.length === 0) return;
    this.#ring?.add(entries);
    this.#tell();
  }

  #failed(error: unknown): void {
    if (this.#away) return;
    this.#away = true;
    this.#options.logger.debug(
      { event: 'events.away' },
      `the history cannot be followed: ${describeRedisError(error)}`,
    );
    this.#tell();
  }

  #tell(): void {
    this.#version += 1;
    for (const done of [...this.#waiting]) done();
  }
}

/** Up to BATCH entries after `after`, or none once BLOCK_MS have passed. */
async function nextEntries(client: RedisClient, key: string, after: string): Promise<EventEntry[]> {
  const reply = await client.xread('COUNT', BATCH, 'BLOCK', BLOCK_MS, 'STREAMS', key, after);
  return (reply?.[0]?.[1] ?? []).map(([id, flat]) => toEntryOf(id, flat));
}
