import { Backoff, CulvertError, type Logger } from '@culvert/base';
import { createClient } from '../redis/client.ts';
import type { RedisConnection } from '../redis/connection.ts';
import type { ScriptRunner } from '../redis/script-runner.ts';
import { type EventEntry, idParts } from './entry.ts';
import { type EventFilter, matchesFilter } from './filter.ts';
import { ENTRIES_AT_ONCE, EventFollower } from './follower.ts';
import { type EventEdges, type HistoryPart, type HistoryRequest, readHistory } from './history.ts';
import { BLOCK_MS, EventTail } from './tail.ts';

/** Entries read per command, and looked at per `read`: a filter that matches nothing must end, too. */
const ENTRIES_PER_CALL = 250;
const ENTRIES_PER_READ = 1_000;
const MAX_LIMIT = 500;

export interface EventRead extends EventFilter {
  /** Only what came after this entry … */
  readonly after?: string;
  /** … and before this one. */
  readonly before?: string;
  /** The newest first; default: the oldest first. */
  readonly newestFirst?: boolean;
  /** 1 to 500. */
  readonly limit: number;
}

/** A page may be short of `limit` (the work per call is bounded); only `next: null` says that it was the last. */
export interface EventPage {
  readonly items: readonly EventEntry[];
  /** `after` of the page that follows; its `before` with the newest first. */
  readonly next: string | null;
}

export interface EventLogOptions {
  readonly connection: RedisConnection;
  readonly scripts: ScriptRunner;
  /** Key of the stream. */
  readonly key: string;
  /** Deadline of each command, ms. */
  readonly commandTimeoutMs: number;
  readonly logger: Logger;
}

/**
 * The history of the cluster, which the registry's scripts write: a stream in Redis that keeps about the last 20,000
 * entries. Methods reject with `registry_unavailable` while Redis is away, and with `invalid_request` for what is no id.
 */
export class EventLog {
  readonly #options: EventLogOptions;
  readonly #tail: EventTail;
  readonly #unsubscribe: () => void;
  #closed = false;

  constructor(options: EventLogOptions) {
    this.#options = options;
    const { connection, key, commandTimeoutMs, logger } = options;
    // It is closed after its first failure, and another one made: its own reconnecting never comes to pass.
    const backoff = new Backoff({ firstMs: BLOCK_MS, maxMs: BLOCK_MS });
    const client = () => createClient(connection.address, key, BLOCK_MS + commandTimeoutMs, backoff);
    const read = (after: string, count: number) => this.#read({ after, count });
    this.#tail = new EventTail({ key, client, read, logger });
    this.#unsubscribe = connection.onAvailability((up) => up && this.#tail.reconnect());
  }

  async read(request: EventRead): Promise<EventPage> {
    const { newestFirst = false, limit } = request;
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
      throw new CulvertError('invalid_request', `limit must be from 1 to ${MAX_LIMIT}`);
    }
    let after = request.after === undefined ? undefined : fullId(request.after);
    let before = request.before === undefined ? undefined : fullId(request.before);
    const items: EventEntry[] = [];
    let next: string | null = null;
    for (let looked = 0; looked < ENTRIES_PER_READ; looked += ENTRIES_PER_CALL) {
      const { entries } = await this.#read({ after, before, newestFirst, count: ENTRIES_PER_CALL });
      for (const entry of entries) {
        if (!matchesFilter(entry, request)) continue;
        items.push(entry);
        if (items.length === limit) return { items, next: entry.id };
      }
      const last = entries.at(-1);
      if (!last || entries.length < ENTRIES_PER_CALL) return { items, next: null };
      next = last.id;
      if (newestFirst) before = next;
      else after = next;
    }
    return { items, next };
  }

  async edges(): Promise<EventEdges> {
    const { oldest, newest } = await this.#read({ count: 1 });
    return { oldest, newest };
  }

  /** Everything after the entry `after`, or from now on, as it happens; whoever asks closes it. */
  async follow(after?: string): Promise<EventFollower> {
    if (this.#closed) throw new CulvertError('shutting_down', 'the registry is closed');
    const from = after === undefined ? undefined : fullId(after);
    return EventFollower.begin(this.#tail, (id) => this.#read({ after: id, count: ENTRIES_AT_ONCE }), from);
  }

  /** Ends everybody who follows, and the connection. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#unsubscribe();
    await this.#tail.close();
  }

  #read(request: HistoryRequest): Promise<HistoryPart> {
    return readHistory(this.#options.scripts, this.#options.key, request);
  }
}

/** With its number, so that two that mean the same are the same text. */
function fullId(id: string): string {
  return idParts(id).join('-');
}
