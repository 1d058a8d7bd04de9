import { Buffer } from 'node:buffer';

/**
 * How a field is to be read (Protocol Buffers, "Encoding"). Numbers that JSON cannot hold are strings of decimals, ids hexadecimal:
 * what comes out has the form of OTLP's JSON encoding.
 */
export type FieldType =
  | 'string'
  | 'bool'
  | 'hex'
  | 'uint32'
  | 'int64'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed64'
  | 'double'
  | MessageType;

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly repeated?: boolean;
}

/** The fields of a message by their numbers; a function, because messages may contain themselves. */
export type MessageType = () => Readonly<Record<number, Field>>;

export type Message = Record<string, unknown>;

/** Deeper than OTLP ever is: values may contain values. */
const MAX_DEPTH = 32;
const WIRE_TYPE = { VARINT: 0, FIXED64: 1, BYTES: 2, FIXED32: 5 } as const;

/** Fields that the type does not know are skipped. @throws Error when the bytes are no such message */
export function decodeMessage(bytes: Buffer, type: MessageType, depth = 0): Message {
  if (depth > MAX_DEPTH) throw new Error('nested too deeply');
  const fields = type();
  const message: Message = {};
  const reader = new Reader(bytes);
  while (reader.left > 0) {
    const tag = Number(reader.varint());
    const raw = reader.raw(tag & 7);
    const field = fields[tag >>> 3];
    if (field === undefined) continue;
    const items = packed(field, raw) ? unpack(field, raw) : [decoded(field, raw, depth)];
    if (field.repeated) message[field.name] = [...((message[field.name] as unknown[]) ?? []), ...items];
    else message[field.name] = items.at(-1);
  }
  return message;
}

type Raw = bigint | Buffer;

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  raw(wireType: number): Raw {
    if (wireType === WIRE_TYPE.VARINT) return this.varint();
    if (wireType === WIRE_TYPE.FIXED64) return this.take(8);
    if (wireType === WIRE_TYPE.FIXED32) return this.take(4);
    if (wireType === WIRE_TYPE.BYTES) return this.take(Number(this.varint()));
    throw new Error(`wire type ${wireType}`);
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.take(1)[0] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new Error('a varint of more than 10 bytes');
  }

  take(bytes: number): Buffer {
    if (bytes > this.left) throw new Error(`${bytes} bytes expected, ${this.left} left`);
    this.#at += bytes;
    return this.#bytes.subarray(this.#at - bytes, this.#at);
  }
}

const FIXED_BYTES: Readonly<Record<string, number>> = { fixed32: 4, fixed64: 8, sfixed64: 8, double: 8 };

/** Repeated numbers come in one piece, unless the writer is an old one. */
function packed({ repeated, type }: Field, raw: Raw): raw is Buffer {
  if (!repeated || !(raw instanceof Buffer) || typeof type !== 'string') return false;
  const fixed = FIXED_BYTES[type];
  return fixed === undefined ? type === 'uint32' || type === 'int64' : raw.length !== fixed;
}

function unpack(field: Field, bytes: Buffer): unknown[] {
  const reader = new Reader(bytes);
  const items: unknown[] = [];
  const fixed = FIXED_BYTES[String(field.type)];
  while (reader.left > 0) {
    items.push(decoded(field, fixed === undefined ? reader.varint() : reader.take(fixed), 0));
  }
  return items;
}

function decoded({ name, type }: Field, raw: Raw, depth: number): unknown {
  if (typeof raw !== 'bigint') return decodedBytes(name, type, raw, depth);
  if (type === 'bool') return raw !== 0n;
  if (type === 'uint32') return Number(raw);
  if (type === 'int64') return BigInt.asIntN(64, raw).toString();
  throw new Error(`${name} is no varint`);
}

function decodedBytes(name: string, type: FieldType, raw: Buffer, depth: number): unknown {
  if (typeof type === 'function') return decodeMessage(raw, type, depth + 1);
  if (type === 'string') return raw.toString('utf8');
  if (type === 'hex') return raw.toString('hex');
  if (FIXED_BYTES[type] !== raw.length) throw new Error(`${name} is no ${type}`);
  if (type === 'fixed32') return raw.readUInt32LE();
  if (type === 'double') return raw.readDoubleLE();
  return (type === 'fixed64' ? raw.readBigUInt64LE() : raw.readBigInt64LE()).toString();
}
