import { CulvertError, type ErrorCode } from '@culvert/base';
import { Budget } from './budget.ts';
import { Frame, ProtocolError } from './frame.ts';
import { Asked, type ResumeOutcome, resumeStream } from './opening.ts';
import {
  decodeOpen,
  decodeResume,
  encodeOpen,
  encodeReason,
  encodeWindow,
  type OpenRequest,
  type Reason,
  type ResumeRequest,
} from './payloads.ts';
import { PendingOpen, type PendingStream } from './pending.ts';
import { DEFAULT_WINDOW, ReceiveWindow, type WindowOptions } from './receive-window.ts';
import { SendHalf } from './send-half.ts';
import { StreamEnd } from './stream.ts';
import type { Occupant, StreamPath } from './stream-path.ts';
import { SESSION_BUDGET_BYTES, StreamStore } from './stream-store.ts';
import { Flag, FrameType, Limit, STREAM_MAX } from './wire.ts';

/** What became of an OPEN: one of the two is called, once, unless the opening is cancelled first. */
export interface OpenOutcome {
  opened(stream: StreamEnd): void;
  refused(code: ErrorCode, message: string): void;
}

/** An OPEN without an answer yet. */
export interface Opening {
  /** Gives up: the far end stops dialing. Nothing is called after it. */
  cancel(): void;
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
  /** Accepting ends: the session's streams, whatever path they are on. Of its own when absent. */
  readonly store?: StreamStore;
  /** Opening ends: an open stream lost this path and waits for another. */
  readonly detached?: (stream: StreamEnd, why: Reason) => void;
  readonly window?: WindowOptions;
  readonly budget?: Budget;
  /** What is kept here until the peers acknowledge it. */
  readonly keptBudget?: Budget;
  /** Streams at once; more are refused with limit_exceeded. */
  readonly maxStreams?: number;
}

/** All streams that end here on one path: the numbers, their occupants, and who gets which frame (SPEC §5, §6). */
export class Streams implements StreamPath {
  /** Set once both sides of the path are known to understand RESUME. */
  resumable = false;
  readonly #options: StreamsOptions;
  readonly #store: StreamStore;
  readonly #window: WindowOptions;
  readonly #budget: Budget;
  readonly #keptBudget: Budget;
  readonly #occupants = new Map<number, Occupant>();
  #highest = 0;
  /** This end goes on over other paths. */
  #left = false;
  #emptied: (() => void)[] = [];

  constructor(options: StreamsOptions) {
    const { window = DEFAULT_WINDOW, nowMs } = options;
    const budget = options.budget ?? new Budget(SESSION_BUDGET_BYTES);
    const keptBudget = options.keptBudget ?? new Budget(SESSION_BUDGET_BYTES);
    this.#options = options;
    this.#window = window;
    this.#budget = budget;
    this.#keptBudget = keptBudget;
    this.#store = options.store ?? new StreamStore({ nowMs, window, budget, keptBudget });
  }

  /** Streams open, opening or pending on this path. */
  get size(): number {
    return this.#occupants.size;
  }

  /** Called once, when no stream is left; at once when there is none. */
  whenEmpty(listener: () => void): void {
    if (this.#occupants.size === 0) listener();
    else this.#emptied.push(listener);
  }

  /** @throws CulvertError limit_exceeded, bad_request */
  open(request: OpenRequest, outcome: OpenOutcome): Opening {
    const payload = encodeOpen(request);
    const number = this.#nextNumber();
    const window = new ReceiveWindow(this.#windowFor(request), this.#budget, this.nowMs());
    const asked = new Asked(this, number, FrameType.OPENED, {
      done: (_frame, sendWindow) => {
        const stream = new StreamEnd(request, window, new SendHalf(sendWindow, this.#keptBudget), this.#options.nowMs);
        this.occupy(number, stream);
        stream.bind(this, number);
        outcome.opened(stream);
      },
      refused: (code, message) => {
        window.close();
        outcome.refused(code, message);
      },
    });
    this.occupy(number, asked);
    this.send(new Frame(FrameType.OPEN, number, window.bytes, payload));
    return {
      cancel: () => {
        if (this.#occupants.get(number) !== asked) return;
        asked.takeBack({ code: 'cancelled', message: 'the edge gave up' });
        window.close();
      },
    };
  }

  /**
   * Asks the far end to go on with a stream over this path.
   * @throws CulvertError limit_exceeded; link_lost when the path knows of no resuming
   */
  resume(stream: StreamEnd, outcome: ResumeOutcome): Asked {
    if (!this.resumable) throw new CulvertError('link_lost', 'the worker knows of no resuming');
    return resumeStream(this, this.#nextNumber(), stream, outcome);
  }

  /** Takes a frame of the path. @throws ProtocolError when the link cannot go on (SPEC §5.7) */
  receive(frame: Frame): void {
    const { accept } = this.#options;
    if (frame.type === FrameType.OPEN) {
      if (accept === undefined) throw new ProtocolError('T2', 'OPEN at an end that does not accept');
      return this.#onOpen(frame, accept);
    }
    if (frame.type === FrameType.RESUME) {
      if (accept === undefined) throw new ProtocolError('T7', 'RESUME at an end that does not accept');
      if (this.resumable) return this.#onResume(frame);
    }
    const occupant = this.#occupants.get(frame.stream);
    if (occupant !== undefined) return occupant.receive(frame);
    // Frames that were under way when a stream ended are no fault; a number never used is one.
    if (frame.stream > this.#highest) throw new ProtocolError('T1', `stream ${frame.stream} was never opened`);
  }

  /** The path is gone, nothing more is sent: streams that may go on elsewhere wait for it, all others end. */
  lost(code: ErrorCode, message: string): void {
    for (const occupant of [...this.#occupants.values()]) occupant.lost(code, message);
  }

  /** Leaves this path, which still works: all that may goes on over another. */
  leave(): void {
    if (!this.resumable) return;
    this.#left = true;
    for (const occupant of [...this.#occupants.values()]) occupant.leave();
  }

  /** Breaks every stream off, telling the peers. */
  resetAll(code: ErrorCode, message: string): void {
    for (const occupant of [...this.#occupants.values()]) occupant.breakOff(code, message);
  }

  // StreamPath, for the occupants.

  send(frame: Frame): void {
    this.#options.send(frame);
  }

  drop(number: number): void {
    this.#options.drop(number);
  }

  nowMs(): number {
    return this.#options.nowMs();
  }

  occupy(number: number, occupant: Occupant): void {
    this.#occupants.set(number, occupant);
  }

  free(number: number): void {
    this.#occupants.delete(number);
    if (this.#occupants.size > 0) return;
    const emptied = this.#emptied;
    this.#emptied = [];
    for (const listener of emptied) listener();
  }

  detached(stream: StreamEnd, why: Reason): void {
    if (this.#options.accept !== undefined) this.#store.wait(stream);
    else this.#options.detached?.(stream, why);
  }

  /** What an agent was told once it may use: an OPEN that is sent again has the first window at least, whatever is left. */
  #windowFor({ attempt = 0 }: OpenRequest): WindowOptions {
    return attempt === 0 ? this.#window : { ...this.#window, minBytes: this.#window.initialBytes };
  }

  get #full(): boolean {
    return this.#occupants.size >= (this.#options.maxStreams ?? Limit.STREAMS_PER_LINK);
  }

  #nextNumber(): number {
    if (this.#full) throw new CulvertError('limit_exceeded', 'the link carries too many streams');
    if (this.#highest >= STREAM_MAX)
      throw new CulvertError('limit_exceeded', 'the link has used up its stream numbers');
    this.#highest += 1;
    return this.#highest;
  }

  // The accepting end.

  #onOpen(frame: Frame, accept: (pending: PendingStream) => void): void {
    this.#take(frame, 'OPEN', () => {
      if (frame.value > Limit.WINDOW_BYTES) throw new ProtocolError('T4', `OPEN with a window of ${frame.value} bytes`);
      const request = decodeOpen(frame.payload);
      const held = this.#store.find(request.key);
      if (held === undefined) {
        const { pending } = this.#store.pending(request, frame.value);
        pending.bind(this, frame.stream, frame.value);
        accept(pending);
        return;
      }
      this.#openAgain(frame, request, held);
    });
  }

  /** The edge asks again, over another path, for an open whose answer it has not got. */
  #openAgain(frame: Frame, request: OpenRequest, held: ReturnType<StreamStore['find']>): void {
    const number = frame.stream;
    if (held instanceof PendingOpen) {
      if (this.#stale(number, request, held)) return;
      held.bind(this, number, frame.value);
      this.#store.resumed(held, 0);
    } else if (held instanceof StreamEnd) {
      if (this.#stale(number, request, held)) return;
      this.#goOn(held, number, { offset: 0, window: frame.value, end: false }, (point) => {
        return new Frame(FrameType.OPENED, number, 0, encodeWindow(point.offset + point.window));
      });
    } else {
      throw new CulvertError(codeOf(held?.broken), held?.broken?.message);
    }
  }

  #onResume(frame: Frame): void {
    this.#take(frame, 'RESUME', () => {
      const { window, request }: ResumeRequest = decodeResume(frame.payload);
      const end = (frame.flags & Flag.ACK_END) !== 0;
      const held = this.#store.find(request.key);
      if (held instanceof StreamEnd) {
        if (this.#stale(frame.stream, request, held)) return;
        this.#goOn(held, frame.stream, { offset: frame.value, window, end }, (point) => {
          const flags = point.end ? Flag.ACK_END : 0;
          return new Frame(FrameType.RESUMED, frame.stream, point.offset, encodeWindow(point.window), flags);
        });
        return;
      }
      if (held === undefined || held instanceof PendingOpen) {
        throw new CulvertError('unknown_stream', 'the agent has no stream of this key');
      }
      if (held.broken !== undefined) throw new CulvertError(codeOf(held.broken), held.broken.message);
      // Everything had arrived on both sides; only the last word of this one was lost.
      this.send(new Frame(FrameType.RESUMED, frame.stream, held.consumed, encodeWindow(0), Flag.ACK_END));
    });
  }

  /** Puts a stream on this path; what it cannot go on from is refused, and ends it. */
  #goOn(
    stream: StreamEnd,
    number: number,
    peer: { offset: number; window: number; end: boolean },
    answer: (point: { offset: number; window: number; end: boolean }) => Frame,
  ): void {
    try {
      const replayed = stream.resume(this, number, peer, () => {
        this.occupy(number, stream);
        this.send(answer(stream.resumePoint()));
      });
      this.#store.resumed(stream, replayed);
    } catch (error) {
      if (error instanceof CulvertError) stream.breakOff(error.code, error.message);
      throw error;
    }
  }

  /** An attempt that a later one has overtaken: nothing comes of it. */
  #stale(number: number, request: OpenRequest, held: StreamEnd | PendingOpen): boolean {
    const attempt = request.attempt ?? 0;
    if (!this.resumable) throw new CulvertError('protocol_error', 'another stream has this key');
    if (attempt <= held.attempt) {
      this.send(new Frame(FrameType.DETACH, number));
      return true;
    }
    held.attempt = attempt;
    return false;
  }

  /** What is wrong with an OPEN or RESUME is the edge's doing, far behind the switch: it costs the stream, not the link. */
  #take(frame: Frame, what: string, work: () => void): void {
    if (frame.stream <= this.#highest)
      throw new ProtocolError('T3', `${what} of ${frame.stream} after ${this.#highest}`);
    this.#highest = frame.stream;
    try {
      if (this.#left) throw new CulvertError('wrong_owner', 'this end goes on over another path');
      if (this.#full) throw new CulvertError('limit_exceeded', 'the agent carries too many connections');
      work();
    } catch (error) {
      if (!(error instanceof CulvertError)) throw error;
      this.send(new Frame(FrameType.REFUSED, frame.stream, 0, encodeReason(error)));
    }
  }
}

function codeOf(broken: Reason | undefined): ErrorCode {
  return (broken?.code ?? 'unknown_stream') as ErrorCode;
}
