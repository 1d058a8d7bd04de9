import type { ServerResponse } from 'node:http';
import { type EventFilter, type EventFollower, type Followed, matchesFilter } from '@culvert/registry';
import { commentFrame, entryFrame, firstFrame, gapFrame, placeFrame, retryFrame } from './frames.ts';

export interface StreamTimes {
  /** Between two signs of life, ms. */
  readonly keepAliveMs: number;
  /** How long a client may take nothing of what was written to it, ms. */
  readonly drainMs: number;
  /** From the end of a stream until its socket is cut if the client does not take the rest, ms. */
  readonly lingerMs: number;
}

export interface EventStreamOptions {
  readonly follower: EventFollower;
  readonly response: ServerResponse;
  readonly filter: EventFilter;
  /** Is the key with which it was asked for still good? */
  readonly allowed: () => boolean;
  readonly times: StreamTimes;
}

/**
 * One client's text/event-stream. It asks for more only when the client has taken what was written: what a client
 * holds here is one hand of entries, and one that takes nothing is let go; it can come back for the rest.
 */
export class EventStream {
  readonly #options: EventStreamOptions;
  #place: string;
  #ended = false;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.#place = options.follower.cursor;
  }

  /** Resolves once the client has gone, or was let go. Rejects with what the registry could not do. */
  async run(): Promise<void> {
    const { follower, response, times } = this.#options;
    const gone = new Promise<void>((resolve) => response.once('close', resolve));
    response.once('close', () => follower.close());
    response.on('error', () => follower.close()); // a socket that broke; 'close' follows
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      connection: 'close',
    });
    response.write(firstFrame(this.#place));
    const alive = setInterval(() => this.#keepAlive(), times.keepAliveMs);
    try {
      for (;;) {
        const followed = await follower.next();
        if (!followed) break;
        if (!(await this.#write(this.#textOf(followed)))) this.end('too slow; come back for the rest');
      }
    } finally {
      clearInterval(alive);
      this.end('the stream ends; come back');
      await gone;
    }
  }

  /** Ends it with a comment that says why, and when to come back, in ms; the first reason counts. */
  end(reason: string, retryMs?: number): void {
    if (this.#ended) return;
    this.#ended = true;
    const { follower, response, times } = this.#options;
    follower.close();
    if (response.destroyed) return;
    const cut = setTimeout(() => response.destroy(), times.lingerMs);
    response.once('close', () => clearTimeout(cut));
    response.end(commentFrame(reason) + (retryMs === undefined ? '' : retryFrame(retryMs)));
  }

  #textOf(followed: Followed): string {
    switch (followed.kind) {
      case 'entries': {
        const wanted = followed.entries.filter((entry) => matchesFilter(entry, this.#options.filter));
        this.#place = wanted.at(-1)?.id ?? this.#place;
        return wanted.map(entryFrame).join('');
      }
      case 'gap':
        return gapFrame({ after: followed.after, oldest: followed.oldest });
      case 'away':
        return commentFrame('registry unavailable');
      case 'back':
        return commentFrame('registry available');
    }
  }

  /** false: the client did not take it in time. */
  async #write(text: string): Promise<boolean> {
    const { response, times } = this.#options;
    if (text === '' || response.destroyed || this.#ended || response.write(text)) return true;
    return new Promise((resolve) => {
      const settle = (taken: boolean): void => {
        clearTimeout(timer);
        response.off('drain', onTaken).off('close', onTaken);
        resolve(taken);
      };
      const onTaken = (): void => settle(true);
      const timer = setTimeout(() => settle(false), times.drainMs);
      response.once('drain', onTaken).once('close', onTaken);
    });
  }

  #keepAlive(): void {
    const { follower, response, allowed } = this.#options;
    if (!allowed()) {
      this.end('the key is no longer good');
      return;
    }
    if (response.writableNeedDrain || this.#ended) return;
    response.write(commentFrame('keep-alive'));
    // What the filter left out need not be read again.
    if (follower.cursor === this.#place) return;
    this.#place = follower.cursor;
    response.write(placeFrame(this.#place));
  }
}
