import { CulvertError } from '@culvert/base';
import type { FastifyReply } from 'fastify';
import type { StreamTimes } from '../events/event-stream.ts';
import { type LatestSource, LatestStream } from './latest-stream.ts';
import { type PlaceLimits, StreamPlaces } from './stream-places.ts';

export interface LatestLimits extends StreamTimes, PlaceLimits {}

const LIMITS: LatestLimits = {
  ...{ keepAliveMs: 15_000, drainMs: 30_000, lingerMs: 1_000 },
  ...{ all: 500, tenants: 400, perTenant: 20 },
};
/** Clients of a process that is replaced come back within this, ms: soon, and not all in one moment. */
const RETIRED_RETRY_MS = { least: 100, spread: 900 };

export interface LatestRequest {
  readonly source: LatestSource;
  /** Whose stream it is; null: an operator's. */
  readonly tenant: string | null;
  readonly allowed: () => boolean;
}

/** The streams of latest values of this process: how many there may be, and their end. */
export class LatestStreams {
  readonly #limits: LatestLimits;
  readonly #places: StreamPlaces;
  readonly #running = new Map<LatestStream, Promise<void>>();
  #retired = false;
  #closed = false;

  constructor(limits: Partial<LatestLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
    this.#places = new StreamPlaces(this.#limits, 'Close pages that are not needed, or ask once (format=json).');
  }

  get size(): number {
    return this.#running.size;
  }

  /** Takes over the reply, which ends when the client goes or the process stops. Throws `limit_exceeded`, `shutting_down`. */
  open(reply: FastifyReply, { source, tenant, allowed }: LatestRequest): void {
    if (this.#closed) throw new CulvertError('shutting_down');
    if (reply.raw.destroyed) throw new CulvertError('cancelled');
    const release = this.#places.take(tenant);
    reply.hijack();
    const stream = new LatestStream({ source, response: reply.raw, allowed, times: this.#limits });
    const done = stream.run().finally(() => {
      this.#running.delete(stream);
      release();
    });
    this.#running.set(stream, done);
    if (this.#retired) this.#sendOn(stream);
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

  #sendOn(stream: LatestStream): void {
    const { least, spread } = RETIRED_RETRY_MS;
    stream.end('this process is being replaced; come back', least + Math.floor(Math.random() * spread));
  }
}
