import { CulvertError } from '@culvert/base';
import type { FastifyReply } from 'fastify';
import type { StreamTimes } from '../events/event-stream.ts';
import { type LatestSource, LatestStream } from './latest-stream.ts';
import { RunningStreams } from './running-streams.ts';
import { type PlaceLimits, StreamPlaces } from './stream-places.ts';

export interface LatestLimits extends StreamTimes, PlaceLimits {}

const LIMITS: LatestLimits = {
  ...{ keepAliveMs: 15_000, drainMs: 30_000, lingerMs: 1_000 },
  ...{ all: 500, tenants: 400, perTenant: 20 },
};

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
  readonly #running = new RunningStreams();

  constructor(limits: Partial<LatestLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
    this.#places = new StreamPlaces(this.#limits, 'Close pages that are not needed, or ask once (format=json).');
  }

  get size(): number {
    return this.#running.size;
  }

  /** Takes over the reply, which ends when the client goes or the process stops. Throws `limit_exceeded`, `shutting_down`. */
  open(reply: FastifyReply, { source, tenant, allowed }: LatestRequest): void {
    if (this.#running.closed) throw new CulvertError('shutting_down');
    if (reply.raw.destroyed) throw new CulvertError('cancelled');
    const release = this.#places.take(tenant);
    reply.hijack();
    const stream = new LatestStream({ source, response: reply.raw, allowed, times: this.#limits });
    this.#running.add(stream, stream.run().finally(release));
  }

  /** Sends all of them to the process that takes this one's place, and those that are still opened here. */
  retire(): void {
    this.#running.retire();
  }

  /** Ends all of them; resolves once they are gone. */
  close(): Promise<void> {
    return this.#running.close();
  }
}
