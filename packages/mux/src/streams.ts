import { CulvertError, type ErrorCode, toErrorCode } from '@culvert/base';
import { Budget } from './budget.ts';
import { Frame, ProtocolError } from './frame.ts';
import {
  decodeOpen,
  decodeReason,
  decodeWindow,
  encodeOpen,
  encodeReason,
  encodeWindow,
  type OpenRequest,
  type Reason,
} from './payloads.ts';
import { DEFAULT_WINDOW, ReceiveWindow, type WindowOptions } from './receive-window.ts';
import { type Stream, StreamEnd, type StreamPath } from './stream.ts';
import { FrameType, Limit, STREAM_MAX } from './wire.ts';

/** Bytes that the windows of one session may add up to, above the guaranteed minimum of each stream. */
export const SESSION_BUDGET_BYTES = 67_108_864;

/** What became of an OPEN: one of the two is called, once, unless the opening is cancelled first. */
export interface OpenOutcome {
  opened(stream: Stream): void;
  refused(code: ErrorCode, message: string): void;
}

/** An OPEN without an answer yet. */
export interface Opening {
  /** Gives up: the far end stops dialing. Nothing is called after it. */
  cancel(): void;
}

/** An open that this end has been asked for and has not answered. */
export interface PendingStream {
  readonly request: OpenRequest;
  /** The target is reached. Must not be called after `onCancelled` or twice. */
  accept(): Stream;
  refuse(code: ErrorCode, message: string): void;
  /** Called when the edge gives up, or the path is lost, before there was an answer. */
  onCancelled(listener: () => void): void;
}

export interface StreamsOptions {
  /** Puts a frame on the path. */
  readonly send: (frame: Frame) => void;
  /** Forgets frames of a stream that were not sent yet. */
  readonly drop: (stream: number) => void;
  /** Milliseconds that never go back. */
  readonly nowMs: () => number;
  /** Given: this end accepts (an agent). Absent: this end opens (an edge). */
  readonly accept?: (pending: PendingStream) => void;
  readonly window?: WindowOptions;
  readonly budget?: Budget;
  /** Streams at once; more are refused with limit_exceeded. */
  readonly maxStreams?: number;
}

/** A stream number's occupant. */
type Entry =
  | { phase: 'opening'; request: OpenRequest; window: ReceiveWindow; outcome: OpenOutcome }
  | { phase: 'pending'; window: ReceiveWindow; cancelled: boolean; listeners: (() => void)[] }
  | { phase: 'open'; stream: StreamEnd };

/** All streams that end here on one path: the numbers, their occupants, and who gets which frame (SPEC §5). */
export class Streams {
  readonly #options: StreamsOptions;
  readonly #path: StreamPath;
  readonly #window: WindowOptions;
  readonly #budget: Budget;
  readonly #entries = new Map<number, Entry>();
  #highest = 0;
  #emptied: (() => void)[] = [];

  constructor(options: StreamsOptions) {
    this.#options = options;
    this.#window = options.window ?? DEFAULT_WINDOW;
    this.#budget = options.budget ?? new Budget(SESSION_BUDGET_BYTES);
    this.#path = {
      send: options.send,
      drop: options.drop,
      nowMs: options.nowMs,
      closed: (number) => this.#forget(number),
    };
  }

  /** Streams open, opening or pending. */
  get size(): number {
    return this.#entries.size;
  }

  /** Called once, when no stream is left; at once when there is none. */
  whenEmpty(listener: () => void): void {
    if (this.#entries.size === 0) listener();
    else this.#emptied.push(listener);
  }

  /** @throws CulvertError limit_exceeded, bad_request */
  open(request: OpenRequest, outcome: OpenOutcome): Opening {
    if (this.#entries.size >= this.#maxStreams)
      throw new CulvertError('limit_exceeded', 'the link carries too many streams');
    if (this.#highest >= STREAM_MAX)
      throw new CulvertError('limit_exceeded', 'the link has used up its stream numbers');
    const payload = encodeOpen(request);
    this.#highest += 1;
    const number = this.#highest;
    const window = this.#newWindow();
    const entry: Entry = { phase: 'opening', request, window, outcome };
    this.#entries.set(number, entry);
    this.#options.send(new Frame(FrameType.OPEN, number, window.bytes, payload));
    return { cancel: () => this.#takeBack(number, entry, { code: 'cancelled', message: 'the edge gave up' }) };
  }

  /** Takes a frame of the path. @throws ProtocolError when the link cannot go on (SPEC §5.7) */
  receive(frame: Frame): void {
    if (frame.type === FrameType.OPEN) return this.#onOpen(frame);
    const entry = this.#entries.get(frame.stream);
    if (entry === undefined) {
      // Frames that were under way when a stream ended are no fault; a number never used is one.
      if (frame.stream > this.#highest) throw new ProtocolError('T1', `stream ${frame.stream} was never opened`);
      return;
    }
    if (entry.phase === 'open') return entry.stream.receive(frame);
    if (entry.phase === 'opening') return this.#onAnswer(frame, entry);
    return this.#onPending(frame, entry);
  }

  /** The path is gone: every stream ends here, and nothing more is sent. */
  abandon(code: ErrorCode, message: string): void {
    for (const [number, entry] of [...this.#entries]) {
      if (entry.phase === 'open') entry.stream.abandon(code, message);
      else {
        this.#release(number, entry.window);
        if (entry.phase === 'opening') entry.outcome.refused(code, message);
        else cancelled(entry);
      }
    }
  }

  /** Breaks every stream off, telling the peers. */
  resetAll(code: ErrorCode, message: string): void {
    for (const [number, entry] of [...this.#entries]) {
      if (entry.phase === 'open') entry.stream.breakOff(code, message);
      else if (entry.phase === 'pending') {
        this.#refuse(number, entry, code, message);
        cancelled(entry);
      } else {
        this.#takeBack(number, entry, { code, message });
        entry.outcome.refused(code, message);
      }
    }
  }

  get #maxStreams(): number {
    return this.#options.maxStreams ?? Limit.STREAMS_PER_LINK;
  }

  #newWindow(): ReceiveWindow {
    return new ReceiveWindow(this.#window, this.#budget, this.#options.nowMs());
  }

  #onOpen(frame: Frame): void {
    const accept = this.#options.accept;
    if (accept === undefined) throw new ProtocolError('T2', 'OPEN at an end that does not accept');
    const number = frame.stream;
    if (number <= this.#highest) throw new ProtocolError('T3', `OPEN of ${number} after ${this.#highest}`);
    this.#highest = number;
    let request: OpenRequest;
    try {
      request = this.#admit(frame);
    } catch (error) {
      if (!(error instanceof CulvertError)) throw error;
      this.#options.send(new Frame(FrameType.REFUSED, number, 0, encodeReason(error)));
      return;
    }
    const entry: Entry = { phase: 'pending', window: this.#newWindow(), cancelled: false, listeners: [] };
    this.#entries.set(number, entry);
    const sendWindow = frame.value;
    accept({
      request,
      accept: () => this.#accept(number, entry, request, sendWindow),
      refuse: (code, message) => this.#refuse(number, entry, code, message),
      onCancelled: (listener) => {
        if (entry.cancelled) listener();
        else entry.listeners.push(listener);
      },
    });
  }

  /** What is wrong with an OPEN is the edge's doing, far behind the switch: it costs the stream, not the link. */
  #admit(frame: Frame): OpenRequest {
    if (frame.value > Limit.WINDOW_BYTES) throw new ProtocolError('T4', `OPEN with a window of ${frame.value} bytes`);
    if (this.#entries.size >= this.#maxStreams)
      throw new CulvertError('limit_exceeded', 'the agent carries too many connections');
    return decodeOpen(frame.payload);
  }

  #accept(number: number, entry: Entry & { phase: 'pending' }, request: OpenRequest, sendWindow: number): Stream {
    if (this.#entries.get(number) !== entry)
      throw new CulvertError('cancelled', 'the open was cancelled or answered before');
    const stream = new StreamEnd(number, request, this.#path, entry.window, sendWindow);
    this.#entries.set(number, { phase: 'open', stream });
    this.#options.send(new Frame(FrameType.OPENED, number, 0, encodeWindow(entry.window.bytes)));
    return stream;
  }

  #refuse(number: number, entry: Entry & { phase: 'pending' }, code: ErrorCode, message: string): void {
    if (this.#entries.get(number) !== entry) return;
    this.#options.send(new Frame(FrameType.REFUSED, number, 0, encodeReason({ code, message })));
    this.#release(number, entry.window);
  }

  /** An unanswered OPEN: only its two answers, or a RESET from a switch that lost the way, make sense. */
  #onAnswer(frame: Frame, entry: Entry & { phase: 'opening' }): void {
    const number = frame.stream;
    let answer: { window: number } | Reason;
    try {
      answer = readAnswer(frame);
    } catch (error) {
      if (!(error instanceof CulvertError)) throw error;
      this.#takeBack(number, entry, error);
      entry.outcome.refused(error.code, error.message);
      return;
    }
    if ('window' in answer) {
      const stream = new StreamEnd(number, entry.request, this.#path, entry.window, answer.window);
      this.#entries.set(number, { phase: 'open', stream });
      entry.outcome.opened(stream);
    } else {
      this.#release(number, entry.window);
      entry.outcome.refused(toErrorCode(answer.code, 'target_unreachable'), answer.message);
    }
  }

  /** An OPEN that we have not answered: the edge may only take it back. */
  #onPending(frame: Frame, entry: Entry & { phase: 'pending' }): void {
    if (frame.type !== FrameType.RESET) {
      const message = `T6: frame type 0x${frame.type.toString(16)} before the answer to OPEN`;
      this.#sendReset(frame.stream, { code: 'protocol_error', message });
    }
    this.#release(frame.stream, entry.window);
    cancelled(entry);
  }

  #takeBack(number: number, entry: Entry & { phase: 'opening' }, reason: Reason): void {
    if (this.#entries.get(number) !== entry) return;
    this.#sendReset(number, reason);
    this.#release(number, entry.window);
  }

  #sendReset(number: number, { code, message }: Reason): void {
    this.#options.drop(number);
    this.#options.send(new Frame(FrameType.RESET, number, 0, encodeReason({ code, message })));
  }

  #release(number: number, window: ReceiveWindow): void {
    window.close();
    this.#forget(number);
  }

  #forget(number: number): void {
    this.#entries.delete(number);
    if (this.#entries.size > 0) return;
    const emptied = this.#emptied;
    this.#emptied = [];
    for (const listener of emptied) listener();
  }
}

/** @throws CulvertError when it is no answer, or one that cannot be read */
function readAnswer(frame: Frame): { window: number } | Reason {
  if (frame.type === FrameType.OPENED) return { window: decodeWindow(frame.payload, 'OPENED') };
  if (frame.type === FrameType.REFUSED || frame.type === FrameType.RESET) return decodeReason(frame.payload, 'REFUSED');
  throw new ProtocolError('T5', `frame type 0x${frame.type.toString(16)} before the answer to OPEN`);
}

function cancelled(entry: Entry & { phase: 'pending' }): void {
  entry.cancelled = true;
  for (const listener of entry.listeners) listener();
}
