import { Buffer } from 'node:buffer';
import { Frame, ProtocolError } from './frame.ts';
import { FrameType, HEADER_BYTES, Limit, OPTIONAL_TYPE, STREAM_AT } from './wire.ts';

const TWO_32 = 0x1_0000_0000;
const KNOWN = new Set<number>(Object.values(FrameType));
const LINK_ONLY = new Set<number>([
  FrameType.HELLO,
  FrameType.WELCOME,
  FrameType.GOAWAY,
  FrameType.CLAIM,
  FrameType.CLAIMED,
]);

interface Current {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  value: number;
  /** Payload bytes that have not come yet. */
  left: number;
  /** Collects the payload of a control frame that came in pieces; DATA is passed on in pieces, the rest is skipped. */
  parts: Buffer[];
}

/**
 * Takes the bytes of a link apart, however they were cut on the way. A DATA frame that comes in pieces comes out in
 * pieces, each a DATA frame at its own offset: so nothing is joined, and nothing is held but a header or a control
 * frame (16 + 4,096 bytes). Frames share memory with what was pushed.
 */
export class FrameParser {
  readonly #onFrame: (frame: Frame) => void;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  #current: Current | undefined;
  #messageBytes = 0;

  constructor(onFrame: (frame: Frame) => void) {
    this.#onFrame = onFrame;
  }

  /** @throws ProtocolError naming the rule that is broken; frames before it were delivered */
  push(piece: Buffer): void {
    this.#messageBytes += piece.length;
    let at = 0;
    while (at < piece.length) {
      at = this.#current === undefined ? this.#readHeader(piece, at) : this.#readPayload(piece, at, this.#current);
    }
  }

  /** A message ends where a frame ends, and holds at least one. @throws ProtocolError */
  endMessage(): void {
    if (this.#messageBytes === 0) throw new ProtocolError('M1', 'an empty message');
    if (this.#headerBytes > 0)
      throw new ProtocolError('M2', `a message that ends ${this.#headerBytes} bytes into a header`);
    if (this.#current !== undefined)
      throw new ProtocolError('M4', `a message that ends ${this.#current.left} bytes early`);
    this.#messageBytes = 0;
  }

  #readHeader(piece: Buffer, at: number): number {
    if (this.#headerBytes === 0 && piece.length - at >= HEADER_BYTES) {
      this.#begin(piece, at);
      return at + HEADER_BYTES;
    }
    const end = Math.min(piece.length, at + HEADER_BYTES - this.#headerBytes);
    piece.copy(this.#header, this.#headerBytes, at, end);
    this.#headerBytes += end - at;
    if (this.#headerBytes === HEADER_BYTES) {
      this.#headerBytes = 0;
      this.#begin(this.#header, 0);
    }
    return end;
  }

  /** Checks a header before anything is kept or passed on for it. */
  #begin(from: Buffer, at: number): void {
    const type = from[at] as number;
    const length = from.readUInt32BE(at + 12);
    const limit = type === FrameType.DATA ? Limit.DATA_BYTES : Limit.CONTROL_BYTES;
    if (length > limit)
      throw new ProtocolError('M3', `a payload of ${length} bytes, limit ${limit}`, 'frame_too_large');
    const stream = from.readUInt32BE(at + STREAM_AT);
    if (KNOWN.has(type)) checkScope(type, stream);
    else if ((type & OPTIONAL_TYPE) === 0) throw new ProtocolError('M5', `unknown required frame type ${hex(type)}`);
    if (type === FrameType.DATA && length === 0) throw new ProtocolError('M6', 'DATA without bytes');
    const value = from.readUInt16BE(at + 2) * TWO_32 + from.readUInt32BE(at + 4);
    const flags = from[at + 1] as number;
    if (length > 0) this.#current = { type, flags, stream, value, left: length, parts: [] };
    else if (KNOWN.has(type)) this.#onFrame(new Frame(type, stream, value, undefined, flags));
  }

  #readPayload(piece: Buffer, at: number, current: Current): number {
    const end = Math.min(piece.length, at + current.left);
    const part = at === 0 && end === piece.length ? piece : piece.subarray(at, end);
    current.left -= part.length;
    const last = current.left === 0;
    if (last) this.#current = undefined;
    if (current.type === FrameType.DATA) {
      this.#onFrame(new Frame(current.type, current.stream, current.value, part, current.flags));
      current.value += part.length;
    } else if (KNOWN.has(current.type)) {
      current.parts.push(part);
      if (last) this.#control(current);
    }
    return end;
  }

  #control({ type, stream, value, flags, parts }: Current): void {
    const payload = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    this.#onFrame(new Frame(type, stream, value, payload, flags));
  }
}

function checkScope(type: number, stream: number): void {
  if (LINK_ONLY.has(type)) {
    if (stream !== 0) throw new ProtocolError('M7', `frame type ${hex(type)} belongs to stream 0`);
  } else if (stream === 0 && type !== FrameType.PING && type !== FrameType.PONG) {
    throw new ProtocolError('M8', `frame type ${hex(type)} needs a stream`);
  }
}

function hex(type: number): string {
  return `0x${type.toString(16).padStart(2, '0')}`;
}
