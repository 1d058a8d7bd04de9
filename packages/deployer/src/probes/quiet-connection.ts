import type { Socket } from 'node:net';
import { CulvertError, withDeadline } from '@culvert/base';
import { tunnel, type Way } from '../verify/proxy-client.ts';

/** What goes to and fro each time. */
const BEAT_BYTES = 32;

/** How a connection that was to stay came to its end. */
export type QuietEnd = 'lost' | 'left';

/**
 * A connection that is kept for as long as it lasts, and does next to nothing: what becomes of it in a release, or when a node
 * dies, becomes of the WebSocket that a customer has open all day.
 */
export class QuietConnection {
  /** The gateway. */
  readonly node: string;
  readonly #socket: Socket;
  readonly #ended: (how: QuietEnd) => void;
  /** Bytes that are on their way back, as they have to come. */
  #awaited = Buffer.alloc(0);
  #sent = 0;
  #onBack: (() => void) | undefined;
  #over = false;

  static async open(
    way: Way,
    authority: string,
    { signal, ended }: { readonly signal: AbortSignal; readonly ended: (how: QuietEnd) => void },
  ): Promise<QuietConnection> {
    const opening = new AbortController();
    const abort = (): void => opening.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      signal.throwIfAborted();
      return new QuietConnection(way.node, await tunnel(way, authority, opening.signal), ended);
    } finally {
      // Once it is open, it outlives whoever opened it.
      signal.removeEventListener('abort', abort);
    }
  }

  private constructor(node: string, socket: Socket, ended: (how: QuietEnd) => void) {
    this.node = node;
    this.#socket = socket;
    this.#ended = ended;
    socket.on('data', (chunk: Buffer) => this.#came(chunk));
    socket.once('end', () => this.#end('lost')).once('close', () => this.#end('lost'));
  }

  get over(): boolean {
    return this.#over;
  }

  /** To and fro, once. What has not come back since the last time is waited for first. Rejects with `timeout`. */
  async beat(deadlineMs: number): Promise<void> {
    if (this.#over) throw new CulvertError('aborted', 'the connection is over');
    if (this.#awaited.length === 0) {
      this.#sent += 1;
      const bytes = Buffer.alloc(BEAT_BYTES, this.#sent % 251);
      this.#awaited = bytes;
      this.#socket.write(bytes);
    }
    await withDeadline(deadlineMs, 'the echo of a connection that was quiet', () => {
      const back = Promise.withResolvers<void>();
      this.#onBack = back.resolve;
      if (this.#awaited.length === 0) back.resolve();
      return back.promise;
    });
    if (this.#over) throw new CulvertError('aborted', 'the connection is over');
  }

  /** On purpose: a node on its way is to be let go of. */
  leave(): void {
    this.#end('left');
  }

  #came(chunk: Buffer): void {
    if (!this.#awaited.subarray(0, chunk.length).equals(chunk)) return this.#end('lost');
    this.#awaited = this.#awaited.subarray(chunk.length);
    if (this.#awaited.length === 0) this.#onBack?.();
  }

  #end(how: QuietEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#socket.destroy();
    this.#onBack?.();
    this.#ended(how);
  }
}
