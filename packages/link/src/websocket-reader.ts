import { Buffer } from 'node:buffer';
import { CulvertError } from '@culvert/base';

export const Opcode = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;

/** RFC 6455 §5.5: control frames have at most this much payload. */
const CONTROL_BYTES = 125;
/** 2 + 8 bytes of length + 4 of masking key. */
const HEADER_MAX_BYTES = 14;

export interface WebSocketReaderEvents {
  /** Bytes of a binary message, as they come; `last` with the end of the message. The memory is the receiver's. */
  piece(bytes: Buffer, last: boolean): void;
  ping(payload: Buffer): void;
  close(code: number, reason: string): void;
}

interface Current {
  readonly opcode: number;
  readonly final: boolean;
  /** Zero when there is nothing to unmask. */
  readonly mask: Buffer | null;
  maskAt: number;
  left: number;
  parts: Buffer[];
}

/**
 * Reads RFC 6455 frames and hands the payload of binary ones on as it comes. ws (like every library) collects a
 * message before it gives it away, which for 64 KiB frames means to copy nearly every byte once per hop and to throw
 * as much garbage away: a third of the data path's CPU time (bench/README.md). Links read with this instead.
 */
export class WebSocketReader {
  readonly #events: WebSocketReaderEvents;
  readonly #expectMask: boolean;
  readonly #maxMessageBytes: number;
  readonly #header = Buffer.alloc(HEADER_MAX_BYTES);
  #headerBytes = 0;
  #current: Current | undefined;
  #inMessage = false;
  #messageBytes = 0;

  /** `side`: whose frames are read; a client's are masked, a server's are not (§5.1). */
  constructor(side: 'client' | 'server', maxMessageBytes: number, events: WebSocketReaderEvents) {
    this.#expectMask = side === 'client';
    this.#maxMessageBytes = maxMessageBytes;
    this.#events = events;
  }

  /** @throws CulvertError protocol_error, frame_too_large; the connection can't go on after it */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      at = this.#current === undefined ? this.#readHeader(chunk, at) : this.#readPayload(chunk, at, this.#current);
    }
  }

  #readHeader(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length) {
      this.#header[this.#headerBytes] = chunk[at] as number;
      this.#headerBytes += 1;
      at += 1;
      if (this.#headerBytes >= 2 && this.#headerBytes === this.#headerLength()) {
        this.#headerBytes = 0;
        this.#begin();
        return at;
      }
    }
    return at;
  }

  #headerLength(): number {
    const second = this.#header[1] as number;
    const length = second & 0x7f;
    return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + ((second & 0x80) === 0 ? 0 : 4);
  }

  #begin(): void {
    const first = this.#header[0] as number;
    const second = this.#header[1] as number;
    if ((first & 0x70) !== 0) throw broken('reserved bits are set');
    const masked = (second & 0x80) !== 0;
    if (masked !== this.#expectMask) throw broken(masked ? 'a server masked a frame' : 'a client did not mask a frame');
    const opcode = first & 0x0f;
    const final = (first & 0x80) !== 0;
    const length = this.#length(second & 0x7f);
    if (opcode >= Opcode.CLOSE) this.#checkControl(opcode, final, length);
    else this.#checkData(opcode, final, length);
    const key = masked ? this.#header.readUInt32BE(this.#headerLength() - 4) : 0;
    const mask = key === 0 ? null : Buffer.allocUnsafe(4);
    mask?.writeUInt32BE(key);
    const current = { opcode, final, mask, maskAt: 0, left: length, parts: [] };
    if (length > 0) this.#current = current;
    else this.#finish(current, Buffer.alloc(0));
  }

  #length(short: number): number {
    if (short < 126) return short;
    if (short === 126) return this.#header.readUInt16BE(2);
    if (this.#header.readUInt32BE(2) !== 0) throw new CulvertError('frame_too_large', 'a WebSocket frame above 4 GiB');
    return this.#header.readUInt32BE(6);
  }

  #checkControl(opcode: number, final: boolean, length: number): void {
    if (opcode > Opcode.PONG) throw broken(`opcode ${opcode}`);
    if (!final || length > CONTROL_BYTES) throw broken('a control frame that is fragmented or too long');
    // §5.5.1: a body begins with a code of two bytes.
    if (opcode === Opcode.CLOSE && length === 1) throw broken('a close frame with half a code');
  }

  #checkData(opcode: number, final: boolean, length: number): void {
    if (opcode === Opcode.TEXT) throw broken('a text message');
    if (opcode > Opcode.BINARY) throw broken(`opcode ${opcode}`);
    if ((opcode === Opcode.CONTINUATION) !== this.#inMessage) throw broken('a fragment out of order');
    this.#messageBytes = (this.#inMessage ? this.#messageBytes : 0) + length;
    if (this.#messageBytes > this.#maxMessageBytes) {
      throw new CulvertError(
        'frame_too_large',
        `a message of ${this.#messageBytes} bytes, limit ${this.#maxMessageBytes}`,
      );
    }
    this.#inMessage = !final;
  }

  #readPayload(chunk: Buffer, at: number, current: Current): number {
    const end = Math.min(chunk.length, at + current.left);
    const part = chunk.subarray(at, end);
    current.left -= part.length;
    if (current.mask !== null) current.maskAt = unmask(part, current.mask, current.maskAt);
    if (current.left === 0) {
      this.#current = undefined;
      this.#finish(current, part);
    } else if (current.opcode < Opcode.CLOSE) this.#events.piece(part, false);
    else current.parts.push(part);
    return end;
  }

  /** `part` is the last of a frame's payload. */
  #finish(current: Current, part: Buffer): void {
    if (current.opcode < Opcode.CLOSE) {
      this.#events.piece(part, current.final);
      return;
    }
    const payload = current.parts.length === 0 ? part : Buffer.concat([...current.parts, part]);
    if (current.opcode === Opcode.PING) this.#events.ping(payload);
    else if (current.opcode === Opcode.CLOSE) {
      const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
      this.#events.close(code, payload.subarray(2).toString('utf8'));
    }
  }
}

function broken(what: string): CulvertError {
  return new CulvertError('protocol_error', `WebSocket: ${what}`);
}

/** Unmasks in place (§5.3); returns where in the key the next piece begins. */
function unmask(bytes: Buffer, key: Buffer, from: number): number {
  for (let i = 0; i < bytes.length; i += 1) {
    bytes[i] = (bytes[i] as number) ^ (key[(from + i) & 3] as number);
  }
  return (from + bytes.length) & 3;
}
