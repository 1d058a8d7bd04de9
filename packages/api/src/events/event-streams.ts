import { CulvertError, type Logger, toCulvertError } from '@culvert/base';
import type { EventFilter, EventLog } from '@culvert/registry';
import type { FastifyReply } from 'fastify';
import { RunningStreams } from '../streams/running-streams.ts';
import { type PlaceLimits, StreamPlaces } from '../streams/stream-places.ts';
import { EventStream, type StreamTimes } from './event-stream.ts';

export interface StreamLimits extends StreamTimes, PlaceLimits {}

const LIMITS: StreamLimits = {
  ...{ keepAliveMs: 15_000, drainMs: 30_000, lingerMs: 1_000 },
  ...{ all: 1_000, tenants: 900, perTenant: 50 },
};

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
  readonly #running = new RunningStreams();
  readonly #places: StreamPlaces;

  constructor(events: EventLog, logger: Logger, limits: Partial<StreamLimits> = {}) {
    this.#events = events;
    this.#logger = logger;
    this.#limits = { ...LIMITS, ...limits };
    this.#places = new StreamPlaces(this.#limits, 'Close streams that are not needed, or read pages (format=json).');
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
    if (this.#running.closed) throw new CulvertError('shutting_down');
    const release = this.#places.take(tenant);
    try {
      const follower = await this.#events.follow(after);
      if (this.#running.closed || reply.raw.destroyed) {
        follower.close();
        throw new CulvertError(this.#running.closed ? 'shutting_down' : 'cancelled');
      }
      reply.hijack();
      const stream = new EventStream({ follower, response: reply.raw, filter, allowed, times: this.#limits });
      const done = stream.run().catch((error: unknown) => this.#failed(error));
      this.#running.add(stream, done.finally(release));
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Sends all of them to the process that takes this one's place, and those that are still opened here. */
  retire(): void {
    this.#running.retire();
  }

  /** Ends all of them; resolves once they are gone. */
  close(): Promise<void> {
    return this.#running.close();
  }

  #failed(error: unknown): void {
    const { code } = toCulvertError(error);
    const level = code === 'shutting_down' ? 'debug' : 'error';
    this.#logger[level]({ event: 'events.stream_failed', err: error }, 'an event stream ended with an error');
  }
}
