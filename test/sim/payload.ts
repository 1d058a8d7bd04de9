import { Buffer } from 'node:buffer';
import { Random } from '@culvert/mux/testing';

/** A prime, so that no window, frame or buffer size is a multiple of it: bytes at a wrong offset are wrong bytes. */
const PERIOD = 65_521;
const LONGEST = 131_072;
const TABLE = tableOf(new Random(0x5eed));

/** The bytes of one direction of one connection: each a function of its offset, so nothing has to be remembered. */
export class Payload {
  readonly #salt: number;

  constructor(connection: number, direction: 'to target' | 'to browser') {
    this.#salt = (connection * 7_919 + (direction === 'to target' ? 0 : 31_337)) % PERIOD;
  }

  /** `length` bytes from `offset` on; a view of memory that nobody writes to. */
  at(offset: number, length: number): Buffer {
    if (length > LONGEST) throw new RangeError(`${length} bytes at once`);
    const from = (offset + this.#salt) % PERIOD;
    return TABLE.subarray(from, from + length);
  }

  /** Whether `bytes` are the ones at `offset`. */
  matches(offset: number, bytes: Buffer): boolean {
    return this.at(offset, bytes.length).equals(bytes);
  }
}

function tableOf(random: Random): Buffer {
  const once = random.bytes(PERIOD);
  const table = Buffer.alloc(PERIOD + LONGEST);
  for (let at = 0; at < table.length; at += 1) table[at] = once[at % PERIOD] as number;
  return table;
}
