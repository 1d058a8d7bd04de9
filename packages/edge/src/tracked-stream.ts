import type { ErrorCode } from '@culvert/base';
import type { Stream, StreamHandler } from '@culvert/mux';
import { type ClosedBy, closedBy } from './closed-by.ts';

/** Why a connection ended: `end` when both sides finished, else the code of what broke it off. */
export type CloseReason = 'end' | ErrorCode;

export interface StreamSummary {
  readonly closedBy: ClosedBy;
  readonly reason: CloseReason;
  /** Why, in words; empty for an orderly end. */
  readonly message: string;
  /** Bytes that came from the browser. */
  readonly bytesIn: number;
  /** Bytes that went to the browser. */
  readonly bytesOut: number;
}

/** A stream that remembers which side ended it, and how; everything else passes through. */
export class TrackedStream implements Stream {
  readonly #inner: Stream;
  #closedBy: ClosedBy | undefined;
  #reason: CloseReason = 'end';
  #message = '';

  constructor(inner: Stream, onSummary: (summary: StreamSummary) => void) {
    this.#inner = inner;
    // In a reset by the peer the stream is closed before its handler hears why: look once that is done.
    inner.onClosed(() => queueMicrotask(() => onSummary(this.#summary())));
  }

  get connectionId(): string {
    return this.#inner.connectionId;
  }

  get credit(): number {
    return this.#inner.credit;
  }

  get unconsumed(): number {
    return this.#inner.unconsumed;
  }

  get unacknowledged(): number {
    return this.#inner.unacknowledged;
  }

  get window(): number {
    return this.#inner.window;
  }

  get bytesReceived(): number {
    return this.#inner.bytesReceived;
  }

  get bytesSent(): number {
    return this.#inner.bytesSent;
  }

  get closed(): boolean {
    return this.#inner.closed;
  }

  write(payload: Buffer): void {
    this.#inner.write(payload);
  }

  end(): void {
    this.#closedBy ??= 'browser';
    this.#inner.end();
  }

  consume(bytes: number): void {
    this.#inner.consume(bytes);
  }

  consumeEnd(): void {
    this.#inner.consumeEnd();
  }

  reset(code: ErrorCode, message = ''): void {
    if (this.#inner.closed) return;
    this.#broken('browser', code, message);
    this.#inner.reset(code, message);
  }

  attach(handler: StreamHandler): void {
    this.#inner.attach({
      data: (payload) => handler.data(payload),
      writable: () => handler.writable(),
      end: () => {
        this.#closedBy ??= 'target';
        handler.end();
      },
      reset: (code, message) => {
        this.#broken(closedBy('target', code), code, message);
        handler.reset(code, message);
      },
    });
  }

  onClosed(listener: () => void): void {
    this.#inner.onClosed(listener);
  }

  /** Whoever breaks off a connection that one side has ended already is who closes it. */
  #broken(by: ClosedBy, code: ErrorCode, message: string): void {
    this.#closedBy = by;
    this.#reason = code;
    this.#message = message;
  }

  #summary(): StreamSummary {
    return {
      closedBy: this.#closedBy ?? 'target',
      reason: this.#reason,
      message: this.#message,
      bytesIn: this.#inner.bytesSent,
      bytesOut: this.#inner.bytesReceived,
    };
  }
}
