import type { Buffer } from 'node:buffer';
import { CulvertError, type ErrorCode, toErrorCode } from '@culvert/base';
import { Frame } from './frame.ts';
import { decodeReason, decodeWindow, encodeReason, encodeWindow, type OpenRequest } from './payloads.ts';
import { ReceiveHalf } from './receive-half.ts';
import type { ReceiveWindow } from './receive-window.ts';
import { RoundTrip } from './round-trip.ts';
import { SendHalf } from './send-half.ts';
import { Flag, FrameType, Limit } from './wire.ts';

/** What happens to a stream, told to whoever moves its bytes on. */
export interface StreamHandler {
  /** Bytes arrived, in order. Call `consume(payload.length)` once they are passed on. */
  data(payload: Buffer): void;
  /** The peer's end, behind all data. Call `consumeEnd()` once it is passed on. */
  end(): void;
  /** Terminal: nothing follows. */
  reset(code: ErrorCode, message: string): void;
  /** There is credit again after `write` had used it up. */
  writable(): void;
}

/** One end of a connection's byte stream. */
export interface Stream {
  readonly connectionId: string;
  /** Bytes that may be written now. */
  readonly credit: number;
  /** Bytes received and not consumed. */
  readonly unconsumed: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  /** Both directions are done, or the stream was reset. */
  readonly closed: boolean;
  /** Sends bytes, at most `credit`. They are kept, not copied. @throws RangeError when there are more */
  write(payload: Buffer): void;
  /** Sends the end of this direction; the other one goes on (half-close). */
  end(): void;
  consume(bytes: number): void;
  consumeEnd(): void;
  /** Breaks both directions off. Does nothing on a closed stream. */
  reset(code: ErrorCode, message?: string): void;
  /** Sets who handles the stream; what happened before is told at once, in order. */
  attach(handler: StreamHandler): void;
  /** Called once, whatever the reason; at once when that has happened. */
  onClosed(listener: () => void): void;
}

/** What a stream needs of the path that it is on. */
export interface StreamPath {
  send(frame: Frame): void;
  /** Forget the frames of a stream that wait to be sent: it was reset. */
  drop(stream: number): void;
  nowMs(): number;
  /** The stream is over; its number is free of it. */
  closed(stream: number): void;
}

/** Frames that reach a stream between its opening and `attach`; their bytes are bounded by the window. */
type Held = { data: Buffer } | { end: true } | { reset: { code: ErrorCode; message: string } };

/** The one implementation, for both ends. Bytes and frames in, frames and handler calls out (SPEC §5). */
export class StreamEnd implements Stream {
  readonly number: number;
  readonly request: OpenRequest;
  readonly #path: StreamPath;
  readonly #send: SendHalf;
  readonly #receive: ReceiveHalf;
  readonly #roundTrip = new RoundTrip();
  #handler: StreamHandler | undefined;
  #held: Held[] = [];
  /** Nothing more may be written; `writable` is owed once there is credit again. */
  #starved: boolean;
  #closed = false;
  #closedListeners: (() => void)[] = [];

  constructor(number: number, request: OpenRequest, path: StreamPath, window: ReceiveWindow, sendWindow: number) {
    this.number = number;
    this.request = request;
    this.#path = path;
    this.#send = new SendHalf(sendWindow);
    this.#starved = sendWindow === 0;
    this.#receive = new ReceiveHalf(window);
  }

  get connectionId(): string {
    return this.request.connectionId;
  }

  get credit(): number {
    return this.#closed ? 0 : this.#send.credit;
  }

  get unconsumed(): number {
    return this.#receive.received - this.#receive.consumed;
  }

  get bytesReceived(): number {
    return this.#receive.received;
  }

  get bytesSent(): number {
    return this.#send.sent;
  }

  get closed(): boolean {
    return this.#closed;
  }

  write(payload: Buffer): void {
    if (this.#closed || payload.length === 0) return;
    if (payload.length > this.#send.credit) {
      throw new RangeError(`write of ${payload.length} bytes with credit for ${this.#send.credit}`);
    }
    for (let at = 0; at < payload.length; at += Limit.DATA_BYTES) {
      const part = payload.length <= Limit.DATA_BYTES ? payload : payload.subarray(at, at + Limit.DATA_BYTES);
      this.#path.send(new Frame(FrameType.DATA, this.number, this.#send.sent, part));
      this.#send.sent += part.length;
    }
    this.#starved = this.#send.credit === 0;
  }

  end(): void {
    if (this.#closed || this.#send.endSent) return;
    this.#send.endSent = true;
    this.#path.send(new Frame(FrameType.FIN, this.number, this.#send.sent));
  }

  consume(bytes: number): void {
    if (this.#closed) return;
    const now = this.#path.nowMs();
    if (this.#receive.consume(bytes, now, this.#roundTrip.leastMs)) this.#acknowledge(0);
  }

  consumeEnd(): void {
    if (this.#closed || this.#receive.endConsumed || !this.#receive.endReceived) return;
    this.#receive.endConsumed = true;
    this.#acknowledge(Flag.ACK_END);
    this.#closeIfDone();
  }

  reset(code: ErrorCode, message = ''): void {
    if (this.#closed) return;
    this.#path.drop(this.number);
    this.#path.send(new Frame(FrameType.RESET, this.number, 0, encodeReason({ code, message })));
    this.#close();
  }

  attach(handler: StreamHandler): void {
    this.#handler = handler;
    const held = this.#held;
    this.#held = [];
    for (const event of held) {
      // Of a stream that is over, only its end is of use; it may be over because the handler has just reset it.
      if (!this.#closed || 'reset' in event) this.#tell(handler, event);
    }
  }

  onClosed(listener: () => void): void {
    if (this.#closed) listener();
    else this.#closedListeners.push(listener);
  }

  /** The path is gone and nothing can be sent any more: the handler is told, as if the peer had reset. */
  abandon(code: ErrorCode, message: string): void {
    if (this.#closed) return;
    this.#close();
    this.#emit({ reset: { code, message } });
  }

  /** Resets the stream from outside: the peer and the handler are told. */
  breakOff(code: ErrorCode, message: string): void {
    if (this.#closed) return;
    this.reset(code, message);
    this.#emit({ reset: { code, message } });
  }

  /** Takes a frame of this stream. A peer that breaks a rule of §5 loses the stream, not the link. */
  receive(frame: Frame): void {
    if (this.#closed) return;
    try {
      this.#dispatch(frame);
    } catch (error) {
      if (!(error instanceof CulvertError)) throw error;
      this.breakOff(error.code, error.message);
    }
  }

  #dispatch(frame: Frame): void {
    switch (frame.type) {
      case FrameType.DATA:
        return this.#onData(frame);
      case FrameType.ACK:
        return this.#onAck(frame);
      case FrameType.FIN:
        this.#receive.finish(frame.value);
        return this.#emit({ end: true });
      case FrameType.RESET: {
        const { code, message } = decodeReason(frame.payload, 'RESET');
        this.#close();
        return this.#emit({ reset: { code: toErrorCode(code, 'aborted'), message } });
      }
      case FrameType.PING:
        return this.#path.send(new Frame(FrameType.PONG, this.number, frame.value));
      case FrameType.PONG:
        return this.#roundTrip.answered(frame.value, this.#path.nowMs());
      default:
        throw new CulvertError('protocol_error', `R6: frame type 0x${frame.type.toString(16)} on an open stream`);
    }
  }

  #onData(frame: Frame): void {
    const payload = frame.payload;
    this.#receive.accept(frame.value, payload.length);
    const ping = this.#roundTrip.due(this.#receive.received, this.#path.nowMs());
    if (ping !== undefined) this.#path.send(new Frame(FrameType.PING, this.number, ping));
    if (this.#handler !== undefined) this.#handler.data(payload);
    else this.#held.push({ data: payload });
  }

  #onAck(frame: Frame): void {
    const end = (frame.flags & Flag.ACK_END) !== 0;
    this.#send.acknowledge(frame.value, decodeWindow(frame.payload, 'ACK'), end);
    this.#closeIfDone();
    if (this.#starved && this.credit > 0) {
      this.#starved = false;
      this.#handler?.writable();
    }
  }

  #acknowledge(flags: number): void {
    const { offset, window } = this.#receive.tell();
    this.#path.send(new Frame(FrameType.ACK, this.number, offset, encodeWindow(window), flags));
  }

  #emit(event: Held): void {
    if (this.#handler !== undefined) this.#tell(this.#handler, event);
    else this.#held.push(event);
  }

  #tell(handler: StreamHandler, event: Held): void {
    if ('data' in event) handler.data(event.data);
    else if ('end' in event) handler.end();
    else handler.reset(event.reset.code, event.reset.message);
  }

  #closeIfDone(): void {
    if (this.#send.endAcked && this.#receive.endConsumed) this.#close();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#receive.window.close();
    this.#path.closed(this.number);
    const listeners = this.#closedListeners;
    this.#closedListeners = [];
    for (const listener of listeners) listener();
  }
}
