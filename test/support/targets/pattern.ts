import { createHash, randomBytes } from 'node:crypto';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const BLOCK_BYTES = 1 << 20;

export interface Digest {
  readonly bytes: number;
  readonly sha256: string;
}

/** Random bytes of a given length, each block with its number in front: nothing can be lost, repeated or swapped unseen. */
export class Pattern {
  readonly bytes: number;
  readonly digest: Digest;
  readonly #block = randomBytes(BLOCK_BYTES);

  constructor(bytes: number) {
    this.bytes = bytes;
    const hash = createHash('sha256');
    for (const block of this.#blocks()) hash.update(block);
    this.digest = { bytes, sha256: hash.digest('hex') };
  }

  /** Sends everything, no faster than `sink` takes it, and ends it. */
  sendTo(sink: Writable): Promise<void> {
    return pipeline(Readable.from(this.#blocks(), { highWaterMark: 1 }), sink);
  }

  /** Sends it again and again, until `sink` is closed: rejects then. */
  sendEndlesslyTo(sink: Writable): Promise<void> {
    const blocks = this.#blocks.bind(this);
    const endless = function* (): Generator<Buffer> {
      for (;;) yield* blocks();
    };
    return pipeline(Readable.from(endless(), { highWaterMark: 1 }), sink);
  }

  /** Everything at once, for small ones. */
  whole(): Buffer {
    return Buffer.concat([...this.#blocks()]);
  }

  *#blocks(): Generator<Buffer> {
    for (let at = 0; at < this.bytes; at += BLOCK_BYTES) {
      // A copy: the one before may still be on its way.
      const block = Buffer.from(this.#block.subarray(0, this.bytes - at));
      block.writeUInt32BE(at / BLOCK_BYTES);
      yield block;
    }
  }
}

/** A halt that a reader makes on its way, during which it reads nothing. */
export interface Halt {
  readonly atBytes: number;
  readonly work: (received: number) => Promise<void>;
}

/** Reads a stream to its end, and leaves its other direction as it is. */
export async function digestOf(source: Readable, halt?: Halt): Promise<Digest> {
  const hash = createHash('sha256');
  let bytes = 0;
  let halted = halt === undefined;
  for await (const chunk of source.iterator({ destroyOnReturn: false })) {
    hash.update(chunk);
    bytes += chunk.length;
    if (halted || halt === undefined || bytes < halt.atBytes) continue;
    halted = true;
    await halt.work(bytes);
  }
  return { bytes, sha256: hash.digest('hex') };
}
