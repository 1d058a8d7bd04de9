import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { inspect } from 'node:util';
import { CulvertError } from '@culvert/base';

/** Below this a secret can be guessed; 32 bytes are asked for. */
const MIN_SECRET_BYTES = 32;

/**
 * The cluster's secret. Everything that only has to be recognised is derived from it, with one HMAC key per
 * purpose, so that a value made for one purpose never passes for another. It prints as `[secret]` wherever
 * it ends up by mistake.
 */
export class ClusterSecret {
  readonly #bytes: Buffer;

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Rejects a text of fewer than 32 bytes with `config_invalid`. */
  static parse(text: string): ClusterSecret {
    const bytes = Buffer.from(text, 'utf8');
    if (bytes.length < MIN_SECRET_BYTES) {
      throw new CulvertError('config_invalid', `the cluster's secret needs at least ${MIN_SECRET_BYTES} bytes`);
    }
    return new ClusterSecret(bytes);
  }

  /** A 32-byte key for `purpose`, e.g. `ticket`. The same for the whole cluster and for all time. */
  key(purpose: string): Buffer {
    return createHmac('sha256', this.#bytes).update(`culvert/1 ${purpose}`).digest();
  }

  /** HMAC-SHA-256 of `parts` under the key of `purpose`. The parts are framed: ('ab','c') differs from ('a','bc'). */
  mac(purpose: string, ...parts: readonly string[]): Buffer {
    return createHmac('sha256', this.key(purpose)).update(JSON.stringify(parts)).digest();
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

/** Whether two secrets are equal, in a time that tells nothing about where (or how long) they differ. */
export function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(sha256(given), sha256(expected));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
