import { type Cipheriv, createCipheriv, createHash } from 'node:crypto';

const KEY_BYTES = 16;
const ZEROS = Buffer.alloc(65_536);

/**
 * The endless bytes of one direction of one connection: the key stream of AES in counter mode. No piece of it is like
 * another, nor like one of another connection: a byte that is lost, repeated, swapped or another's cannot go unseen.
 * Whoever has the same `name` has the same bytes.
 */
export class Keystream {
  readonly #cipher: Cipheriv;

  constructor(name: string) {
    const key = createHash('sha256').update(name).digest().subarray(0, KEY_BYTES);
    this.#cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(KEY_BYTES));
  }

  /** The next bytes. */
  take(length: number): Buffer {
    return this.#cipher.update(Buffer.alloc(length));
  }

  /** How many of these are not what the next bytes should be. */
  wrongIn(bytes: Uint8Array): number {
    const left = this.#cipher.update(bytes); // bytes that are right cancel out
    if (left.equals(ZEROS.subarray(0, left.length))) return 0;
    let wrong = 0;
    for (const byte of left) if (byte !== 0) wrong += 1;
    return wrong;
  }
}
