import { Buffer } from 'node:buffer';
import { randomFillSync } from 'node:crypto';
import type { Writable } from 'node:stream';
import { type Frame, FrameType, HEADER_BYTES, Limit } from '@culvert/mux';
import { Opcode } from './websocket-reader.ts';

/**
 * How a side masks what it sends (RFC 6455 §5.3). A server does not mask. A client has to: 'random' where someone on
 * the way might read plain HTTP into the bytes, 'zero' (a masking key of four zero bytes, so that nothing has to be
 * rewritten) where nobody can: inside TLS, on loopback, between our own nodes.
 */
export type Masking = 'none' | 'zero' | 'random';

/** Frames up to this are collected into one message; larger DATA travels alone, uncopied. Bytes. */
const SMALL_FRAME_BYTES = 4_096;
/** A collected message is sent when it would grow beyond this. Bytes. */
const BATCH_BYTES = 32_768;

const FINAL = 0x80;
const MASKED = 0x80;

/** Writes frames as binary WebSocket messages: the two headers as one small buffer, the payload as it is. */
export class WebSocketWriter {
  readonly #socket: Writable;
  readonly #masking: Masking;
  #batch: Frame[] = [];
  #batchBytes = 0;
  /** Pieces of one stream, each going on where the one before ended: they leave as one DATA frame. */
  #run: Frame[] = [];
  #runBytes = 0;

  constructor(socket: Writable, masking: Masking) {
    this.#socket = socket;
    this.#masking = masking;
  }

  /** Bytes collected and not handed to the socket. */
  get pendingBytes(): number {
    return this.#batchBytes + this.#runBytes;
  }

  write(frame: Frame): void {
    const bytes = frame.bytes;
    if (frame.type === FrameType.DATA && (bytes > SMALL_FRAME_BYTES || this.#continues(frame))) {
      this.#flushBatch();
      if (!this.#continues(frame)) this.#flushRun();
      this.#run.push(frame);
      this.#runBytes += frame.payload.length;
      return;
    }
    this.#flushRun();
    if (this.#batchBytes + bytes > BATCH_BYTES) this.#flushBatch();
    this.#batch.push(frame);
    this.#batchBytes += bytes;
  }

  /** Hands everything collected to the socket. */
  flush(): void {
    this.#flushBatch();
    this.#flushRun();
  }

  /** Small frames as one message, copied together. */
  #flushBatch(): void {
    if (this.#batch.length === 0) return;
    const message = this.#start(Opcode.BINARY, this.#batchBytes, this.#batchBytes);
    let at = message.length - this.#batchBytes;
    for (const frame of this.#batch) {
      at = frame.writeHeader(message, at);
      at += frame.payload.copy(message, at);
    }
    this.#batch = [];
    this.#batchBytes = 0;
    this.#send(message, []);
  }

  /** Large data as a message of its own, not copied. */
  #flushRun(): void {
    const [first] = this.#run;
    if (first === undefined) return;
    const start = this.#start(Opcode.BINARY, HEADER_BYTES + this.#runBytes, HEADER_BYTES);
    first.writeHeader(start, start.length - HEADER_BYTES, this.#runBytes);
    const payloads = this.#run.map((frame) => frame.payload);
    this.#run = [];
    this.#runBytes = 0;
    this.#send(start, payloads);
  }

  #continues(frame: Frame): boolean {
    const [first] = this.#run;
    return (
      first !== undefined &&
      first.stream === frame.stream &&
      first.value + this.#runBytes === frame.value &&
      this.#runBytes + frame.payload.length <= Limit.DATA_BYTES
    );
  }

  pong(payload: Buffer): void {
    this.#send(this.#start(Opcode.PONG, payload.length, 0), [payload]);
  }

  /** `reason`: at most 123 bytes of ASCII. */
  close(code: number, reason: string): void {
    const payload = Buffer.alloc(2 + reason.length);
    payload.writeUInt16BE(code);
    payload.write(reason, 2, 'latin1');
    this.#send(this.#start(Opcode.CLOSE, payload.length, 0), [payload]);
  }

  /** A buffer that begins with a WebSocket header for `length` bytes and has room for `room` more. */
  #start(opcode: number, length: number, room: number): Buffer {
    const masked = this.#masking === 'none' ? 0 : MASKED;
    const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
    const headerBytes = 2 + lengthBytes + (masked === 0 ? 0 : 4);
    const start = Buffer.allocUnsafe(headerBytes + room);
    start[0] = FINAL | opcode;
    start[1] = masked | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127);
    if (lengthBytes === 2) start.writeUInt16BE(length, 2);
    if (lengthBytes === 8) {
      start.writeUInt32BE(0, 2);
      start.writeUInt32BE(length, 6);
    }
    if (masked !== 0) start.fill(0, 2 + lengthBytes, headerBytes);
    return start;
  }

  /** `start` as `#start` made it, filled; the message's payload is what stands behind its header, and then `rest`. */
  #send(start: Buffer, rest: readonly Buffer[]): void {
    if (this.#masking === 'random') {
      this.#socket.write(masked(Buffer.concat([start, ...rest])));
      return;
    }
    this.#socket.write(start);
    for (const part of rest) if (part.length > 0) this.#socket.write(part);
  }
}

/** A whole client frame with a zero key, given a random key and masked with it, in place. */
function masked(frame: Buffer): Buffer {
  const short = (frame[1] as number) & 0x7f;
  const keyAt = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
  const key = randomFillSync(frame.subarray(keyAt, keyAt + 4));
  for (let i = keyAt + 4, k = 0; i < frame.length; i += 1, k = (k + 1) & 3) {
    frame[i] = (frame[i] as number) ^ (key[k] as number);
  }
  return frame;
}
