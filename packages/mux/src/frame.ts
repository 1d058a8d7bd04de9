import { Buffer } from 'node:buffer';
import { CulvertError, type ErrorCode } from '@culvert/base';
import { FrameType, HEADER_BYTES, STREAM_AT } from './wire.ts';

const EMPTY = Buffer.alloc(0);
const TWO_32 = 0x1_0000_0000;

/** A peer broke a rule. `rule` is the rule's name in SPEC.md; a link cannot go on after it. */
export class ProtocolError extends CulvertError {
  readonly rule: string;

  constructor(rule: string, message: string, code: ErrorCode = 'protocol_error') {
    super(code, `${rule}: ${message}`);
    this.rule = rule;
  }
}

/**
 * One frame (SPEC §2). The payload is whatever piece of memory it arrived in or was handed over in: it is never
 * copied here. The header exists as bytes only on the wire, so passing a frame on under another number costs nothing.
 */
export class Frame {
  readonly type: number;
  readonly flags: number;
  readonly value: number;
  readonly payload: Buffer;
  stream: number;

  constructor(type: number, stream: number, value = 0, payload: Buffer = EMPTY, flags = 0) {
    this.type = type;
    this.flags = flags;
    this.value = value;
    this.stream = stream;
    this.payload = payload;
  }

  /** Bytes on the wire. */
  get bytes(): number {
    return HEADER_BYTES + this.payload.length;
  }

  /**
   * Writes the 16 bytes of the header into `into`; returns the offset behind them. `length`: of the payload, when more
   * than this frame's own goes out under the header.
   */
  writeHeader(into: Buffer, at: number, length = this.payload.length): number {
    const high = this.value < TWO_32 ? 0 : Math.floor(this.value / TWO_32);
    into[at] = this.type;
    into[at + 1] = this.flags;
    into[at + 2] = high >>> 8;
    into[at + 3] = high;
    into.writeUInt32BE(this.value % TWO_32, at + 4);
    into.writeUInt32BE(this.stream, at + STREAM_AT);
    return into.writeUInt32BE(length, at + 12);
  }

  /** Header and payload as one piece; for tests and small frames. */
  encode(): Buffer {
    const bytes = Buffer.allocUnsafe(this.bytes);
    bytes.set(this.payload, this.writeHeader(bytes, 0));
    return bytes;
  }
}

/** The only two types that carry a stream's bytes and its end, and so have to stay in order. */
export function isOrdered(frame: Frame): boolean {
  return frame.type === FrameType.DATA || frame.type === FrameType.FIN;
}
