import type { CulvertError, ErrorCode, LogFields } from '@culvert/base';
import type { Stream, StreamKind } from '@culvert/mux';
import type { Target } from './resolver.ts';
import type { StreamSummary } from './tracked-stream.ts';

/** A connection that a browser wants: all that is known before anybody is asked. */
export interface ConnectionWish {
  readonly sessionId: string;
  readonly tenantId: string;
  readonly connectionId: string;
  readonly kind: StreamKind;
  readonly target: Target;
}

/** What can be read of an open connection's stream at any time. */
export type StreamReading = Pick<Stream, 'bytesSent' | 'bytesReceived' | 'unacknowledged' | 'unconsumed' | 'window'>;

/** A path that was found for a connection that had lost its own. */
export interface Resumption {
  /** How long it had no path, ms. */
  readonly gapMs: number;
  /** Bytes that this side sent again. */
  readonly replayedBytes: number;
  /** Workers; null: not known. */
  readonly from: string | null;
  readonly to: string;
  /** Of the ownership that it goes on under; undefined: not known. */
  readonly epoch?: number | undefined;
}

/** Hears what becomes of one connection: `failed`, or `opened` and at last `closed`. Must not throw. */
export interface ConnectionObserver {
  /** W3C Trace Context that goes with the OPEN to the worker and the agent. */
  readonly traceparent?: string;
  /** For the log: they stand on each line that the observers behind this one write of the connection. */
  readonly logFields?: LogFields;
  /** The session's owner is known, and is asked; again with each owner that is tried. */
  asked?(owner: { readonly node: string; readonly epoch: number | undefined }): void;
  /** It is open, `setupMs` after it was wished for. */
  opened(setupMs: number, stream: StreamReading): void;
  /** It came to nothing; nothing follows. */
  failed(error: CulvertError, setupMs: number): void;
  /** It has lost its path. */
  detached(why: string, from: string | null): void;
  /** It goes on. */
  resumed(resumption: Resumption): void;
  /** It lost its path and cannot go on; `closed` follows. */
  lost(code: ErrorCode, gapMs: number): void;
  /** Nothing follows. */
  closed(summary: StreamSummary, durationMs: number): void;
}

/** Hears of all connections of a proxy front. */
export interface EdgeObserver {
  /** `fields`: what the observers before it offer for the log; undefined: nothing. */
  connecting(wish: ConnectionWish, fields?: LogFields): ConnectionObserver;
  /** Answered with an error of Culvert's own, whether or not a connection had been wished for by then. */
  refused(code: ErrorCode): void;
  /** A worker was asked to go on with a connection. */
  resumeAttempt?(outcome: 'resumed' | 'refused' | 'no_answer'): void;
}

/** Several that all hear the same; a trace context comes from the first that has one. */
export function observeAll(observers: readonly EdgeObserver[]): EdgeObserver {
  return {
    connecting(wish) {
      const all: ConnectionObserver[] = [];
      let fields: LogFields | undefined;
      for (const one of observers) {
        const observer = one.connecting(wish, fields);
        if (observer.logFields !== undefined) fields = { ...fields, ...observer.logFields };
        all.push(observer);
      }
      const tell = (what: (one: ConnectionObserver) => void): void => {
        for (const one of all) what(one);
      };
      const traceparent = all.find((one) => one.traceparent !== undefined)?.traceparent;
      return {
        ...(traceparent === undefined ? {} : { traceparent }),
        asked: (owner) => tell((one) => one.asked?.(owner)),
        opened: (setupMs, stream) => tell((one) => one.opened(setupMs, stream)),
        failed: (error, setupMs) => tell((one) => one.failed(error, setupMs)),
        detached: (why, from) => tell((one) => one.detached(why, from)),
        resumed: (resumption) => tell((one) => one.resumed(resumption)),
        lost: (code, gapMs) => tell((one) => one.lost(code, gapMs)),
        closed: (summary, durationMs) => tell((one) => one.closed(summary, durationMs)),
      };
    },
    refused(code) {
      for (const one of observers) one.refused(code);
    },
    resumeAttempt(outcome) {
      for (const one of observers) one.resumeAttempt?.(outcome);
    },
  };
}
