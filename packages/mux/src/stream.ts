import type { Buffer } from 'node:buffer';
import { CulvertError, type ErrorCode, toErrorCode } from '@culvert/base';
import { Frame } from './frame.ts';
import { decodeReason, decodeWindow, encodeReason, encodeWindow, type OpenRequest, type Reason } from './payloads.ts';
import { ReceiveHalf } from './receive-half.ts';
import type { ReceiveWindow } from './receive-window.ts';
import { RoundTrip } from './round-trip.ts';
import type { SendHalf } from './send-half.ts';
import type { Occupant, StreamPath } from './stream-path.ts';
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

/** One end of a connection's byte stream. It outlives the path that it is on; its user need not know (SPEC §6). */
export interface Stream {
  readonly connectionId: string;
  /** Bytes that may be written now. */
  readonly credit: number;
  /** Bytes received and not consumed. */
  readonly unconsumed: number;
  /** Bytes sent that the peer has not acknowledged, and are kept for it. */
  readonly unacknowledged: number;
  /** How far ahead of what was consumed here the peer may send, bytes. */
  readonly window: number;
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

/** How far an end got, as it says when a stream changes its path: go on from here. */
export interface ResumePoint {
  /** Consumed offset. */
  readonly offset: number;
  /** Bytes that may be under way above it. */
  readonly window: number;
  /** The peer's FIN was passed on as well. */
  readonly end: boolean;
}

/** Frames that reach a stream between its opening and `attach`; their bytes are bounded by the window. */
type Held = { data: Buffer } | { end: true } | { reset: { code: ErrorCode; message: string } };

/**
 * The one implementation, for both ends. Bytes and frames in, frames and handler calls out (SPEC §5). Without a path it
 * goes on as far as its windows reach: what is written is kept, and sent once there is a path again (SPEC §6).
 */
export class StreamEnd implements Stream, Occupant {
  readonly request: OpenRequest;
  readonly openedAtMs: number;
  /** Highest attempt used (edge) or seen (agent). */
  attempt: number;
  readonly #nowMs: () => number;
  readonly #send: SendHalf;
  readonly #receive: ReceiveHalf;
  #at: { readonly path: StreamPath; readonly number: number } | undefined;
  #detachedAtMs: number | undefined;
  #gapMs = 0;
  #roundTrip = new RoundTrip();
  #handler: StreamHandler | undefined;
  #held: Held[] = [];
  /** Nothing more may be written; `writable` is owed once there is credit again. */
  #starved: boolean;
  #closed = false;
  /** How it was broken off; undefined while open, and after an orderly end. */
  #broken: Reason | undefined;
  #brokenBy: 'self' | 'peer' = 'self';
  #closedListeners: (() => void)[] = [];

  constructor(request: OpenRequest, window: ReceiveWindow, send: SendHalf, nowMs: () => number) {
    this.request = request;
    this.attempt = request.attempt ?? 0;
    this.openedAtMs = nowMs();
    this.#nowMs = nowMs;
    this.#send = send;
    this.#starved = send.credit === 0;
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

  /** On a path now. */
  get attached(): boolean {
    return this.#at !== undefined;
  }

  /** Since when it has no path, ms; undefined while it has one. */
  get detachedAtMs(): number | undefined {
    return this.#detachedAtMs;
  }

  /** How long it was without a path before it got its present one, ms. */
  get gapMs(): number {
    return this.#gapMs;
  }

  /** How a closed stream was broken off; undefined: it ended in good order. */
  get broken(): Reason | undefined {
    return this.#broken;
  }

  /** Whose word that was. */
  get brokenBy(): 'self' | 'peer' {
    return this.#brokenBy;
  }

  get unacknowledged(): number {
    return this.#send.unacknowledged;
  }

  get window(): number {
    return this.#receive.window.bytes;
  }

  write(payload: Buffer): void {
    if (this.#closed || payload.length === 0) return;
    if (payload.length > this.#send.credit) {
      throw new RangeError(`write of ${payload.length} bytes with credit for ${this.#send.credit}`);
    }
    for (let at = 0; at < payload.length; at += Limit.DATA_BYTES) {
      const part = payload.length <= Limit.DATA_BYTES ? payload : payload.subarray(at, at + Limit.DATA_BYTES);
      this.#emitFrame(FrameType.DATA, this.#send.sent, part);
      this.#send.keep(part);
    }
    this.#starved = this.#send.credit === 0;
  }

  end(): void {
    if (this.#closed || this.#send.endSent) return;
    this.#send.endSent = true;
    this.#emitFrame(FrameType.FIN, this.#send.sent);
  }

  consume(bytes: number): void {
    if (this.#closed) return;
    if (this.#receive.consume(bytes, this.#nowMs(), this.#roundTrip.leastMs)) this.#acknowledge();
  }

  consumeEnd(): void {
    if (this.#closed || this.#receive.endConsumed || !this.#receive.endReceived) return;
    this.#receive.endConsumed = true;
    this.#acknowledge();
    this.#closeIfDone();
  }

  reset(code: ErrorCode, message = ''): void {
    if (this.#closed) return;
    const at = this.#at;
    at?.path.drop(at.number);
    this.#emitFrame(FrameType.RESET, 0, encodeReason({ code, message }));
    this.#close({ code, message });
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

  // The path and its changes.

  /** Puts a new stream on its first path. */
  bind(path: StreamPath, number: number): void {
    this.#at = { path, number };
    this.#send.keeps = path.resumable;
    this.#gapMs = this.#detachedAtMs === undefined ? 0 : this.#nowMs() - this.#detachedAtMs;
    this.#detachedAtMs = undefined;
    this.#roundTrip = new RoundTrip();
  }

  /** The stream has no path from its start: it was accepted while its path was lost. */
  startDetached(): void {
    this.#detachedAtMs = this.#nowMs();
  }

  /** How far this end got. The peer will send again from there, so what is repeated is expected from now on. */
  resumePoint(): ResumePoint {
    this.#receive.rewind();
    return { ...this.#receive.tell(), end: this.#receive.endConsumed };
  }

  /**
   * Goes on over another path, from where the peer got to: what it has not consumed is sent again, its end, too. `answer`
   * is called before that. Returns the bytes sent again. @throws CulvertError offset_mismatch: it cannot go on
   */
  resume(path: StreamPath, number: number, peer: ResumePoint, answer: () => void = () => undefined): number {
    this.#send.acknowledge(peer.offset, peer.window, peer.end);
    this.#leavePath();
    this.bind(path, number);
    answer();
    const replayed = this.#send.replay((offset, piece) => this.#emitFrame(FrameType.DATA, offset, piece));
    if (this.#send.endSent && !this.#send.endAcked) this.#emitFrame(FrameType.FIN, this.#send.sent);
    // What was consumed since this end said how far it got.
    if (this.#receive.lags) this.#acknowledge();
    this.#closeIfDone();
    this.#tellWritable();
    return replayed;
  }

  /** The path is gone, nothing can be sent any more. Over a path that knows of no resuming the stream ends here. */
  lost(code: ErrorCode, message: string): void {
    const at = this.#at;
    if (this.#closed || at === undefined) return;
    if (at.path.resumable) return this.#detach({ code, message });
    this.#close({ code, message });
    this.#emit({ reset: { code, message } });
  }

  /** Leaves a path that still works, to go on over another; the peer is told. */
  leave(): void {
    if (this.#closed || this.#at === undefined) return;
    const { path } = this.#at;
    this.#leavePath();
    this.#detachedAtMs = this.#nowMs();
    path.detached(this, { code: 'link_lost', message: 'the stream left the path' });
  }

  /** Resets the stream from outside: the peer and the handler are told. */
  breakOff(code: ErrorCode, message: string): void {
    if (this.#closed) return;
    this.reset(code, message);
    this.#emit({ reset: { code, message } });
  }

  /** Nobody resumed the stream in time. Where only the peer's last word is missing, nothing is lost by that. */
  expire(message: string): void {
    if (this.#send.endSent && this.#receive.endConsumed) this.#close();
    else this.breakOff('resume_expired', message);
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
        if (this.#receive.finish(frame.value)) this.#emit({ end: true });
        return;
      case FrameType.RESET: {
        const { code, message } = decodeReason(frame.payload, 'RESET');
        const known = toErrorCode(code, 'aborted');
        this.#brokenBy = 'peer';
        this.#close({ code: known, message });
        return this.#emit({ reset: { code: known, message } });
      }
      case FrameType.PING:
        return this.#emitFrame(FrameType.PONG, frame.value);
      case FrameType.PONG:
        return this.#roundTrip.answered(frame.value, this.#nowMs());
      case FrameType.DETACH:
        if (this.#at?.path.resumable) return this.#detach({ code: 'link_lost', message: 'the path ends here' });
    }
    throw new CulvertError('protocol_error', `R6: frame type 0x${frame.type.toString(16)} on an open stream`);
  }

  #onData(frame: Frame): void {
    const payload = frame.payload;
    const known = this.#receive.accept(frame.value, payload.length);
    const ping = this.#roundTrip.due(this.#receive.received, this.#nowMs());
    if (ping !== undefined) this.#emitFrame(FrameType.PING, ping);
    if (known === payload.length) return;
    const fresh = known === 0 ? payload : payload.subarray(known);
    if (this.#handler !== undefined) this.#handler.data(fresh);
    else this.#held.push({ data: fresh });
  }

  #onAck(frame: Frame): void {
    const end = (frame.flags & Flag.ACK_END) !== 0;
    this.#send.acknowledge(frame.value, decodeWindow(frame.payload, 'ACK'), end);
    this.#closeIfDone();
    this.#tellWritable();
  }

  #tellWritable(): void {
    if (!this.#starved || this.credit === 0) return;
    this.#starved = false;
    this.#handler?.writable();
  }

  #acknowledge(): void {
    if (this.#at === undefined) return; // told with the resume
    const { offset, window } = this.#receive.tell();
    const flags = this.#receive.endConsumed ? Flag.ACK_END : 0;
    this.#emitFrame(FrameType.ACK, offset, encodeWindow(window), flags);
  }

  #emitFrame(type: number, value: number, payload?: Buffer, flags?: number): void {
    const at = this.#at;
    at?.path.send(new Frame(type, at.number, value, payload, flags));
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

  /** The peer, or the loss of the path, has freed the number. */
  #detach(why: Reason): void {
    const at = this.#at;
    if (at === undefined) return;
    this.#at = undefined;
    this.#detachedAtMs = this.#nowMs();
    at.path.drop(at.number);
    at.path.free(at.number);
    at.path.detached(this, why);
  }

  #leavePath(): void {
    const at = this.#at;
    if (at === undefined) return;
    this.#at = undefined;
    at.path.drop(at.number);
    at.path.send(new Frame(FrameType.DETACH, at.number));
    at.path.free(at.number);
  }

  #closeIfDone(): void {
    if (this.#send.endAcked && this.#receive.endConsumed) this.#close();
  }

  #close(broken?: Reason): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#broken = broken;
    this.#receive.window.close();
    this.#send.close();
    const at = this.#at;
    this.#at = undefined;
    at?.path.free(at.number);
    const listeners = this.#closedListeners;
    this.#closedListeners = [];
    for (const listener of listeners) listener();
  }
}
