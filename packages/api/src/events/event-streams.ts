import { CulvertError, type Logger, toCulvertError } from '@culvert/base';
import type { EventFilter, EventLog } from '@culvert/registry';
import type { FastifyReply } from 'fastify';
import { EventStream, type StreamTimes } from './event-stream.ts';

export interface StreamLimits extends StreamTimes {
  /** Streams of the whole process … */
  readonly all: number;
  /** … of which tenants can take so many together, so that operators always get theirs … */
  readonly tenants: number;
  /** … and one tenant so many. */
  readonly perTenant: number;
}

const LIMITS: StreamLimits = {
  ...{ keepAliveMs: 15_000, drainMs: 30_000, lingerMs: 1_000 },
  ...{ all: 1_000, tenants: 900, perTenant: 50 },
};
const RETRY_AFTER_SECONDS = 10;
/** Clients of a process that is replaced come back within this, ms: soon, and not all in one moment. */
const RETIRED_RETRY_MS = { least: 100, spread: 900 };

export interface StreamRequest {
  /** Id after which it begins; undefined: from now on. */
  readonly after: string | undefined;
  readonly filter: EventFilter;
  /** Whose stream it is; null: an operator's. */
  readonly tenant: string | null;
  readonly allowed: () => boolean;
}

/** The event streams of this process: how many there may be, and their end. */
export class EventStreams {
  readonly #events: EventLog;
  readonly #logger: Logger;
  readonly #limits: StreamLimits;
  readonly #running = new Map<EventStream, Promise<void>>();
  /** Open streams by tenant; null: operators'. */
  readonly #counts = new Map<string | null, number>();
  #retired = false;
  #closed = false;

  constructor(events: EventLog, logger: Logger, limits: Partial<StreamLimits> = {}) {
    this.#events = events;
    this.#logger = logger;
    this.#limits = { ...LIMITS, ...limits };
  }

  /** How many there are. */
  get size(): number {
    return this.#running.size;
  }

  /**
   * Takes over the reply, which ends when the client goes or the process stops. Before that it rejects with
   * `limit_exceeded`, `registry_unavailable` or `shutting_down`.
   */
  async open(reply: FastifyReply, { after, filter, tenant, allowed }: StreamRequest): Promise<void> {
    if (this.#closed) throw new CulvertError('shutting_down');
    this.#assertRoom(tenant);
    this.#count(tenant, 1);
    try {
      const follower = await this.#events.follow(after);
      if (this.#closed || reply.raw.destroyed) {
        follower.close();
        throw new CulvertError(this.#closed ? 'shutting_down' : 'cancelled');
      }
      reply.hijack();
      const stream = new EventStream({ follower, response: reply.raw, filter, allowed, times: this.#limits });
      const done = stream.run().catch((error: unknown) => this.#failed(error));
      this.#running.set(stream, done);
      if (this.#retired) this.#sendOn(stream);
      void done.then(() => {
        this.#running.delete(stream);
        this.#count(tenant, -1);
      });
    } catch (error) {
      this.#count(tenant, -1);
      throw error;
    }
  }

  /** Sends all of them to the process that takes this one's place, and those that are still opened here. */
  retire(): void {
    this.#retired = true;
    for (const stream of this.#running.keys()) this.#sendOn(stream);
  }

  /** Ends all of them; resolves once they are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    const running = [...this.#running.values()];
    for (const stream of this.#running.keys()) stream.end('this process stops; come back');
    await Promise.all(running);
  }

  #sendOn(stream: EventStream): void {
    const { least, spread } = RETIRED_RETRY_MS;
    stream.end('this process is being replaced; come back', least + Math.floor(Math.random() * spread));
  }

  #assertRoom(tenant: string | null): void {
    const { all, tenants, perTenant } = this.#limits;
    const total = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    const ofTenants = total - (this.#counts.get(null) ?? 0);
    const full =
      total >= all || (tenant !== null && (ofTenants >= tenants || (this.#counts.get(tenant) ?? 0) >= perTenant));
    if (!full) return;
    throw new CulvertError('limit_exceeded', 'Too many event streams are open here.', {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      fix: 'Close streams that are not needed, or read pages (format=json).',
    });
  }

  #count(tenant: string | null, change: number): void {
    const count = (this.#counts.get(tenant) ?? 0) + change;
    if (count === 0) this.#counts.delete(tenant);
    else this.#counts.set(tenant, count);
  }

  #failed(error: unknown): void {
    const { code } = toCulvertError(error);
    const level = code === 'shutting_down' ? 'debug' : 'error';
    this.#logger[level]({ event: 'events.stream_failed', err: error }, 'an event stream ended with an error');
  }
}
