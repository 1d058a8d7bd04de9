import { Buffer, isUtf8 } from 'node:buffer';
import { ProtocolError } from './frame.ts';

/** Reads a payload field by field; every read is checked against what is left. */
export class FieldReader {
  readonly #bytes: Buffer;
  readonly #what: string;
  #at = 0;

  constructor(bytes: Buffer, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  #take(count: number, field: string): number {
    if (this.left < count) throw new ProtocolError('P1', `${this.#what} ends inside ${field}`);
    const at = this.#at;
    this.#at += count;
    return at;
  }

  u8(field: string): number {
    return this.#bytes.readUInt8(this.#take(1, field));
  }

  u16(field: string): number {
    return this.#bytes.readUInt16BE(this.#take(2, field));
  }

  u32(field: string): number {
    return this.#bytes.readUInt32BE(this.#take(4, field));
  }

  /** An unsigned number of 8 bytes that has to fit a safe integer. */
  u64(field: string): number {
    const at = this.#take(8, field);
    const value = this.#bytes.readUInt32BE(at) * 2 ** 32 + this.#bytes.readUInt32BE(at + 4);
    if (!Number.isSafeInteger(value)) throw new ProtocolError('P2', `${this.#what}.${field} is above 2^53 - 1`);
    return value;
  }

  bytes(count: number, field: string): Buffer {
    const at = this.#take(count, field);
    return this.#bytes.subarray(at, at + count);
  }

  /** Bytes behind a length of one or two bytes; `limit` in bytes. */
  block(field: string, limit: number, lengthBytes: 1 | 2 = 1): Buffer {
    const length = lengthBytes === 1 ? this.u8(field) : this.u16(field);
    if (length > limit) throw new ProtocolError('P3', `${this.#what}.${field} has ${length} bytes, limit ${limit}`);
    return this.bytes(length, field);
  }

  /** A block that holds UTF-8 text. */
  text(field: string, limit: number, lengthBytes: 1 | 2 = 1): string {
    const bytes = this.block(field, limit, lengthBytes);
    if (!isUtf8(bytes)) throw new ProtocolError('P4', `${this.#what}.${field} is not UTF-8`);
    return bytes.toString('utf8');
  }
}

/** Collects the fields of a payload. Payloads written here are small; the parts are joined once. */
export class FieldWriter {
  readonly #parts: Buffer[] = [];

  #number(bytes: 1 | 2 | 4, value: number): this {
    const part = Buffer.allocUnsafe(bytes);
    part.writeUIntBE(value, 0, bytes);
    this.#parts.push(part);
    return this;
  }

  u8(value: number): this {
    return this.#number(1, value);
  }

  u16(value: number): this {
    return this.#number(2, value);
  }

  u32(value: number): this {
    return this.#number(4, value);
  }

  u64(value: number): this {
    return this.u32(Math.floor(value / 2 ** 32)).u32(value % 2 ** 32);
  }

  bytes(value: Uint8Array): this {
    this.#parts.push(Buffer.from(value));
    return this;
  }

  /** Text behind its length; what is longer than `limit` bytes is cut at a letter's boundary. */
  text(value: string, limit: number, lengthBytes: 1 | 2 = 1): this {
    const bytes = cutUtf8(Buffer.from(value, 'utf8'), limit);
    return (lengthBytes === 1 ? this.u8(bytes.length) : this.u16(bytes.length)).bytes(bytes);
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/** At most `limit` bytes, never ending inside a letter (0b10xxxxxx bytes continue one). */
function cutUtf8(bytes: Buffer, limit: number): Buffer {
  if (bytes.length <= limit) return bytes;
  let end = limit;
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}
