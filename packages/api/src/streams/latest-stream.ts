import type { ServerResponse } from 'node:http';
import type { StreamTimes } from '../events/event-stream.ts';
import { commentFrame, retryFrame } from '../events/frames.ts';

/** After which a client whose stream broke comes back, ms. */
const RETRY_MS = 2_000;

/** What is told again and again, each time whole, so that only the last telling counts. */
export interface LatestSource {
  /** Calls `listener` with each frame from now on (see `latestFrame`); with the last one at once, if there is one. */
  watch(listener: (frame: string) => void): () => void;
}

export interface LatestStreamOptions {
  readonly source: LatestSource;
  readonly response: ServerResponse;
  /** Is what it was asked with still good? */
  readonly allowed: () => boolean;
  readonly times: StreamTimes;
}

/** One telling, as text/event-stream has it; JSON has no line breaks. */
export function latestFrame(event: string, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/**
 * One client's text/event-stream of latest values. Nothing is queued for a client: while it has not taken what was written, the
 * newest frame waits alone, and one that takes nothing is let go.
 */
export class LatestStream {
  readonly #options: LatestStreamOptions;
  #waiting: string | undefined;
  #slow: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(options: LatestStreamOptions) {
    this.#options = options;
  }

  /** Resolves once the client has gone, or was let go. */
  async run(): Promise<void> {
    const { source, response, times } = this.#options;
    const gone = new Promise<void>((resolve) => response.once('close', resolve));
    response.on('error', () => response.destroy()); // a socket that broke; 'close' follows
    response.on('drain', () => this.#drained());
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      connection: 'close',
    });
    response.write(retryFrame(RETRY_MS));
    const alive = setInterval(() => this.#keepAlive(), times.keepAliveMs);
    const unwatch = source.watch((frame) => this.#tell(frame));
    await gone;
    unwatch();
    clearInterval(alive);
    clearTimeout(this.#slow);
  }

  /** Ends it with a comment that says why, and when to come back, in ms; the first reason counts. */
  end(reason: string, retryMs?: number): void {
    if (this.#ended) return;
    this.#ended = true;
    const { response, times } = this.#options;
    if (response.destroyed) return;
    const cut = setTimeout(() => response.destroy(), times.lingerMs);
    response.once('close', () => clearTimeout(cut));
    response.end((retryMs === undefined ? '' : retryFrame(retryMs)) + commentFrame(reason));
  }

  #tell(frame: string): void {
    const { response, times } = this.#options;
    if (this.#ended || response.destroyed) return;
    if (this.#slow !== undefined) {
      this.#waiting = frame;
      return;
    }
    if (response.write(frame)) return;
    this.#slow = setTimeout(() => this.end('too slow; come back'), times.drainMs);
  }

  #drained(): void {
    clearTimeout(this.#slow);
    this.#slow = undefined;
    const frame = this.#waiting;
    this.#waiting = undefined;
    if (frame !== undefined) this.#tell(frame);
  }

  #keepAlive(): void {
    if (!this.#options.allowed()) {
      this.end('the key is no longer good');
      return;
    }
    if (this.#slow === undefined && !this.#ended) this.#options.response.write(commentFrame('keep-alive'));
  }
}
