import { Buffer } from 'node:buffer';
import { Duplex } from 'node:stream';
import { CulvertError, type ErrorCode } from '@culvert/base';
import type { Stream } from '@culvert/mux';

type Done = (error?: Error | null) => void;

/** Writes of up to this together are joined: a copy is cheaper than a frame. Bytes. */
const JOIN_BYTES = 16_384;

/**
 * A stream as a Duplex, for code that wants a socket: node:http's client by `createConnection`. Half-close is kept.
 * Where both sides are sockets, `splice` is the faster way.
 */
export class StreamSocket extends Duplex {
  readonly #stream: Stream;
  /** Handed to `push` and not told to the stream as consumed. Bytes. */
  #unconsumed = 0;
  #waiting: { chunk: Buffer; done: Done } | undefined;

  constructor(stream: Stream) {
    super({ allowHalfOpen: true, readableHighWaterMark: 65_536, writableHighWaterMark: 65_536 });
    this.#stream = stream;
    this.once('end', () => stream.consumeEnd());
    stream.attach({
      data: (payload) => this.#onData(payload),
      end: () => this.push(null),
      reset: (code, message) => this.#onReset(code, message),
      writable: () => this.#onWritable(),
    });
  }

  get connectionId(): string {
    return this.#stream.connectionId;
  }

  // What node:http asks of a socket; a stream has neither Nagle nor idle timers.

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  #onData(payload: Buffer): void {
    this.#unconsumed += payload.length;
    if (this.push(payload)) this.#consumeRead();
  }

  override _read(): void {
    // Nothing to ask for: the peer sends as its window allows.
  }

  /**
   * Not `_read`, by which Node asks for more: it asks while its buffer still has room, and then not again before more
   * has come. A peer whose whole window waits in that buffer would never hear that it was read.
   */
  override read(size?: number): unknown {
    const chunk: unknown = super.read(size);
    this.#consumeRead();
    return chunk;
  }

  /** What the reader took is consumed; what waits in the Duplex's buffer is not. */
  #consumeRead(): void {
    const bytes = this.#unconsumed - this.readableLength;
    if (bytes <= 0) return;
    this.#unconsumed -= bytes;
    this.#stream.consume(bytes);
  }

  #onReset(code: ErrorCode, message: string): void {
    this.destroy(new CulvertError(code, message));
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    const credit = this.#stream.credit;
    if (chunk.length <= credit) {
      this.#stream.write(chunk);
      done();
      return;
    }
    if (credit > 0) this.#stream.write(chunk.subarray(0, credit));
    this.#waiting = { chunk: chunk.subarray(credit), done };
  }

  /** node:http corks head, chunk sizes and content together: small pieces leave as one frame, large ones uncopied. */
  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: Done): void {
    const bytes = chunks.reduce((sum, { chunk }) => sum + chunk.length, 0);
    if (bytes <= JOIN_BYTES) {
      this._write(
        Buffer.concat(
          chunks.map(({ chunk }) => chunk),
          bytes,
        ),
        'binary',
        done,
      );
      return;
    }
    const next = (index: number): void => {
      const part = chunks[index];
      if (part === undefined) done();
      else this._write(part.chunk, 'binary', () => next(index + 1));
    };
    next(0);
  }

  #onWritable(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    this._write(waiting.chunk, 'binary', waiting.done);
  }

  override _final(done: Done): void {
    this.#stream.end();
    done();
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#waiting = undefined;
    // Ended in both directions: the stream still has to see its last bytes acknowledged, a reset would lose them.
    const complete = error === null && this.readableEnded && this.writableFinished;
    if (!complete) {
      const code = error instanceof CulvertError ? error.code : 'aborted';
      this.#stream.reset(code, error?.message ?? 'closed by this side');
    }
    done(error);
  }
}
