import type { Socket } from 'node:net';
import { type Clock, systemClock } from '@culvert/base';
import { DelayLine, type Passage } from './delay-line.ts';

/** Held back in each direction at most; then the socket itself is no longer read, and its writers wait. Bytes. */
const MAX_HELD_BYTES = 1_048_576;

type Done = (error?: Error | null) => void;
type Pieces = readonly { readonly chunk: Uint8Array | string; readonly encoding: BufferEncoding }[];

/** What of a socket is replaced while it is braked: the methods that node:stream calls on whoever implements a stream. */
interface Works {
  push(chunk: Uint8Array | null, encoding?: BufferEncoding): boolean;
  _write(chunk: Uint8Array | string, encoding: BufferEncoding, done: Done): void;
  _writev?(pieces: Pieces, done: Done): void;
  _final(done: Done): void;
  _destroy(error: Error | null, done: Done): void;
  /** libuv's; net.Socket has no other way to keep a closed socket from saying so. */
  _handle?: Handle | null;
  readonly encrypted?: boolean;
}

interface Handle {
  reading?: boolean;
  readStart?(): number;
  readStop?(): number;
  unref?(): void;
  close(): void;
}

const REPLACED = ['push', '_write', '_writev', '_final', '_destroy'] as const;

/**
 * Holds back or delays what passes a socket, in both directions and in order, its end included. Silent: the peer hears no
 * FIN and no RST while it is held, also if the socket is given up here. After `release` the socket is as it was.
 */
export class SocketBrake {
  readonly #works: Works;
  readonly #held: boolean;
  readonly #in: DelayLine;
  readonly #out: DelayLine;
  /** Who writes, and is to wait until there is room again. */
  #waiting: Done[] = [];
  #releasing = false;
  /** Of a socket that was destroyed while it was held. */
  #kept: Handle | undefined;

  constructor(socket: Socket, passage: Passage, clock: Clock = systemClock) {
    this.#works = socket as unknown as Works; // the interface that node:stream documents for implementers
    this.#held = passage === 'held';
    this.#in = new DelayLine(clock, passage, () => this.#emptied());
    this.#out = new DelayLine(clock, passage, () => this.#emptied());
    this.#replace();
    // What the kernel has stays there: an end or a reset is not even seen.
    if (this.#held) this.#works._handle?.readStop?.();
  }

  /** What was held back passes at once, in order. */
  release(): void {
    if (this.#releasing) return;
    this.#releasing = true;
    this.#kept?.close();
    this.#in.release();
    this.#out.release();
    this.#emptied();
  }

  #replace(): void {
    const works = this.#works;
    const original = {
      push: works.push.bind(works),
      write: works._write.bind(works),
      writev: works._writev?.bind(works),
      final: works._final.bind(works),
      destroy: works._destroy.bind(works),
    };
    works.push = (chunk, encoding) => {
      this.#in.put(chunk?.length ?? 0, () => original.push(chunk, encoding));
      return !this.#held && this.#in.bytes < MAX_HELD_BYTES;
    };
    works._write = (chunk, encoding, done) => {
      this.#send(chunk.length, done, (sent) => original.write(chunk, encoding, sent));
    };
    const { writev } = original;
    if (writev) {
      works._writev = (pieces, done) => {
        const bytes = pieces.reduce((sum, { chunk }) => sum + chunk.length, 0);
        this.#send(bytes, done, (sent) => writev(pieces, sent));
      };
    }
    works._final = (done) => this.#out.put(0, () => original.final(done));
    works._destroy = (error, done) => {
      this.#giveUp();
      original.destroy(error, done);
    };
  }

  /** A writer goes on at once while there is room: a slow line is full of what is under way. */
  #send(bytes: number, done: Done, send: (sent: Done) => void): void {
    const broken = (error?: Error | null): void => {
      if (error) (this.#works as unknown as Socket).destroy(error);
    };
    this.#out.put(bytes, () => {
      send(broken);
      if (this.#out.bytes < MAX_HELD_BYTES) this.#goOn();
    });
    if (this.#out.bytes < MAX_HELD_BYTES) process.nextTick(done);
    else this.#waiting.push(done);
  }

  #goOn(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const done of waiting) done();
  }

  #giveUp(): void {
    const works = this.#works;
    this.#in.drop();
    this.#out.drop();
    this.#waiting = [];
    // TLS has a handle within the handle; such a socket tells its peer that it ends.
    if (!this.#held || this.#releasing || !works._handle || works.encrypted) return;
    this.#kept = works._handle;
    this.#kept.unref?.();
    works._handle = null;
  }

  /** Once nothing is left in it, after a release: the socket's own methods again. */
  #emptied(): void {
    if (!this.#releasing || !this.#in.empty || !this.#out.empty) return;
    for (const name of REPLACED) Reflect.deleteProperty(this.#works, name);
    const handle = this.#works._handle;
    if (this.#held && handle?.reading) handle.readStart?.();
  }
}
