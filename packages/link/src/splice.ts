import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import type { ErrorCode } from '@culvert/base';
import type { Stream, StreamHandler } from '@culvert/mux';

/**
 * Joins a TCP socket and a stream: bytes both ways, each direction ended on its own, back-pressure both ways, and a
 * failure on one side told to the other. Takes both over; when it is done, both are closed.
 *
 * The socket must have been made with `allowHalfOpen`, or Node ends it at the first FIN.
 */
export function splice(stream: Stream, socket: Socket, options: SpliceOptions = {}): void {
  new Splice(stream, socket, options);
}

export interface SpliceOptions {
  /** Bytes that were already read from the socket. */
  readonly head?: Buffer;
  /** Told to the peer when the socket fails; `aborted` by default, an agent says `target_reset`. */
  readonly socketErrorCode?: ErrorCode;
}

class Splice implements StreamHandler {
  readonly #stream: Stream;
  readonly #socket: Socket;
  readonly #errorCode: ErrorCode;
  readonly #flushed = (): void => this.#consumeWritten();
  /** Read from the socket and not sent for want of credit: at most one read. */
  #waiting: Buffer | undefined;
  #readEnded = false;
  #corked = false;
  readonly #uncork = (): void => {
    this.#corked = false;
    this.#socket.uncork();
    this.#consumeWritten();
  };

  constructor(stream: Stream, socket: Socket, options: SpliceOptions) {
    this.#stream = stream;
    this.#socket = socket;
    this.#errorCode = options.socketErrorCode ?? 'aborted';
    socket.setNoDelay(true);
    socket.setTimeout(0);
    stream.onClosed(() => this.#onStreamClosed());
    socket.on('error', (error) => this.#onSocketError(error));
    socket.on('close', () => this.#onSocketClosed());
    if (socket.destroyed) {
      this.#onSocketClosed();
      return;
    }
    socket.on('end', () => this.#onSocketEnd());
    if (options.head !== undefined && options.head.length > 0) this.#onSocketData(options.head);
    socket.on('data', (chunk: Buffer) => this.#onSocketData(chunk));
    if (socket.readableEnded) this.#onSocketEnd();
    stream.attach(this);
    if (this.#waiting === undefined) socket.resume();
  }

  // Socket → stream.

  #onSocketData(chunk: Buffer): void {
    if (this.#waiting !== undefined) {
      // Only a head larger than the first window can be followed by data before it is gone.
      this.#waiting = Buffer.concat([this.#waiting, chunk]);
      return;
    }
    const credit = this.#stream.credit;
    if (chunk.length <= credit) {
      this.#stream.write(chunk);
      // Wait for more credit before reading on: what cannot be sent need not be held here.
      if (chunk.length === credit) this.#socket.pause();
      return;
    }
    if (credit > 0) this.#stream.write(chunk.subarray(0, credit));
    this.#waiting = chunk.subarray(credit);
    this.#socket.pause();
  }

  #onSocketEnd(): void {
    this.#readEnded = true;
    if (this.#waiting === undefined) this.#stream.end();
  }

  writable(): void {
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#waiting = undefined;
      this.#onSocketData(waiting);
      if (this.#waiting !== undefined) return;
      if (this.#readEnded) this.#stream.end();
    }
    if (this.#stream.credit > 0) this.#socket.resume();
  }

  // Stream → socket.

  /** What one read of the link brought leaves in one system call, however many frames it was. */
  data(payload: Buffer): void {
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(this.#uncork);
    }
    this.#socket.write(payload, this.#flushed);
  }

  /** Consumed is what the kernel has taken: what the socket still holds is not. */
  #consumeWritten(): void {
    const done = this.#stream.unconsumed - this.#socket.writableLength;
    if (done > 0) this.#stream.consume(done);
  }

  end(): void {
    // 'finish', not end's callback: that one is called for a socket that was destroyed before it was flushed, too.
    this.#socket.once('finish', () => this.#stream.consumeEnd());
    this.#socket.end();
  }

  reset(): void {
    const socket = this.#socket;
    // Bytes that arrived before the reset are of no use to anybody: RST says so to the socket's other side.
    const reset = (): void => void socket.resetAndDestroy();
    // libuv refuses a reset while it shuts the socket down (one turn of the event loop), and node then loses the handle.
    const shuttingDown = socket.writableEnded && socket.writableLength === 0 && !socket.writableFinished;
    if (shuttingDown && !socket.destroyed) socket.once('finish', reset);
    else reset();
  }

  // Ends.

  #onSocketError(error: Error): void {
    this.#stream.reset(this.#errorCode, error.message);
  }

  #onSocketClosed(): void {
    // A socket that ended in both directions leaves its last bytes to the stream, which may still be sending them.
    if (this.#readEnded && this.#socket.writableFinished) return;
    this.#stream.reset(this.#errorCode, 'the socket was closed');
  }

  #onStreamClosed(): void {
    this.#waiting = undefined;
    // Both directions are through when the stream closes in good order; destroy() then only frees the descriptor.
    if (!this.#socket.destroyed && this.#socket.writableFinished) this.#socket.destroy();
  }
}
