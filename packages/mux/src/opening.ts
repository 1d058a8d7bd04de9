import { CulvertError, type ErrorCode, toErrorCode } from '@culvert/base';
import { Frame, ProtocolError } from './frame.ts';
import { decodeReason, decodeWindow, encodeReason, encodeResume, encodeWindow, type Reason } from './payloads.ts';
import type { StreamEnd } from './stream.ts';
import type { Occupant, StreamPath } from './stream-path.ts';
import { Flag, FrameType } from './wire.ts';

/** What became of an OPEN or RESUME: one of the two is called, once, unless it is cancelled first. */
export interface Outcome {
  /** `window`: in which this end may send. */
  readonly done: (frame: Frame, window: number) => void;
  readonly refused: (code: ErrorCode, message: string) => void;
}

/** An OPEN or RESUME of this edge without an answer yet. */
export class Asked implements Occupant {
  readonly #path: StreamPath;
  readonly #number: number;
  readonly #answerType: number;
  readonly #outcome: Outcome;
  #settled = false;

  constructor(path: StreamPath, number: number, answerType: number, outcome: Outcome) {
    this.#path = path;
    this.#number = number;
    this.#answerType = answerType;
    this.#outcome = outcome;
  }

  /** Answered, taken back, or its path lost. */
  get settled(): boolean {
    return this.#settled;
  }

  /** Only the answers, DETACH, or a RESET from a switch that lost the way, make sense. */
  receive(frame: Frame): void {
    if (this.#settled) return;
    try {
      this.#answer(frame);
    } catch (error) {
      if (!(error instanceof CulvertError)) throw error;
      this.takeBack(error);
      this.#outcome.refused(error.code, error.message);
    }
  }

  lost(code: ErrorCode, message: string): void {
    if (!this.#settle()) return;
    this.#outcome.refused(code, message);
  }

  leave(): void {
    if (this.#settled) return;
    this.#path.send(new Frame(FrameType.DETACH, this.#number));
    this.lost('link_lost', 'the stream left the path');
  }

  breakOff(code: ErrorCode, message: string): void {
    if (this.#settled) return;
    this.takeBack({ code, message });
    this.#outcome.refused(code, message);
  }

  /** Gives up: the far end stops dialing, or breaks the stream off. Nothing is called after it. */
  takeBack({ code, message }: Reason): void {
    if (this.#settled) return;
    this.#path.drop(this.#number);
    this.#path.send(new Frame(FrameType.RESET, this.#number, 0, encodeReason({ code, message })));
    this.#settle();
  }

  #answer(frame: Frame): void {
    switch (frame.type) {
      case this.#answerType: {
        const window = decodeWindow(frame.payload, 'the answer');
        this.#settled = true; // the number stays with the stream
        return this.#outcome.done(frame, window);
      }
      case FrameType.REFUSED:
      case FrameType.RESET: {
        const { code, message } = decodeReason(frame.payload, 'REFUSED');
        return this.lost(toErrorCode(code, 'target_unreachable'), message);
      }
      case FrameType.DETACH:
        if (this.#path.resumable) return this.lost('link_lost', 'the worker lost the way to the agent');
    }
    throw new ProtocolError('T5', `frame type 0x${frame.type.toString(16)} before the answer`);
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#path.free(this.#number);
    return true;
  }
}

/** What became of a RESUME. */
export interface ResumeOutcome {
  /** The stream goes on, or its end was told. `replayed`: bytes that this side sent again. */
  resumed(replayed: number): void;
  /** Not over this path, or not at all: the code says which. */
  refused(code: ErrorCode, message: string): void;
}

/**
 * Asks the far end to go on with a stream over this path. A stream that has closed without a path is taken to its end
 * this way: the far end hears of the reset, or that everything arrived.
 */
export function resumeStream(path: StreamPath, number: number, stream: StreamEnd, outcome: ResumeOutcome): Asked {
  stream.attempt += 1;
  const asked = new Asked(path, number, FrameType.RESUMED, { done, refused: outcome.refused });
  path.occupy(number, asked);
  const point = stream.resumePoint();
  const request = { ...stream.request, attempt: stream.attempt, ageMs: path.nowMs() - stream.openedAtMs };
  const payload = encodeResume({ window: point.window, request });
  path.send(new Frame(FrameType.RESUME, number, point.offset, payload, point.end ? Flag.ACK_END : 0));
  // Also of one that is broken off while the answer is under way.
  stream.onClosed(() => {
    if (stream.broken === undefined || asked.settled) return;
    asked.takeBack(stream.broken);
    outcome.resumed(0);
  });
  return asked;

  function done(frame: Frame, window: number): void {
    if (stream.closed) return sayFinished();
    path.occupy(number, stream);
    try {
      const end = (frame.flags & Flag.ACK_END) !== 0;
      outcome.resumed(stream.resume(path, number, { offset: frame.value, window, end }));
    } catch (error) {
      if (!(error instanceof CulvertError)) throw error;
      path.send(new Frame(FrameType.RESET, number, 0, encodeReason(error)));
      path.free(number);
      outcome.refused(error.code, error.message);
    }
  }

  /** Everything was passed on here, the end included, while there was no path to say so. */
  function sayFinished(): void {
    const { offset, window } = stream.resumePoint();
    path.send(new Frame(FrameType.ACK, number, offset, encodeWindow(window), Flag.ACK_END));
    path.free(number);
    outcome.resumed(0);
  }
}
