import { Buffer } from 'node:buffer';
import type { ErrorCode } from '@culvert/base';
import { Budget } from './budget.ts';
import { Deadlines } from './deadlines.ts';
import type { OpenRequest, Reason } from './payloads.ts';
import { type PendingKeeper, PendingOpen } from './pending.ts';
import { DEFAULT_WINDOW, ReceiveWindow, type WindowOptions } from './receive-window.ts';
import { SendHalf } from './send-half.ts';
import { StreamEnd } from './stream.ts';

/** Bytes that the windows of one session may add up to, above the guaranteed minimum of each stream. */
export const SESSION_BUDGET_BYTES = 67_108_864;

/** How long a stream without a path waits to be resumed, ms. */
export const RESUME_WINDOW_MS = 60_000;

/**
 * Streams that are over and may still be asked for: their last word may have been lost with its path. Each is some 200
 * bytes; the oldest go first.
 */
const MAX_ENDED = 8_192;

/** What is left of a stream that is over. */
export interface Ended {
  /** How it was broken off or refused; undefined: it ended in good order. */
  readonly broken: Reason | undefined;
  /** Bytes that this end consumed: all there were, when it ended in good order. */
  readonly consumed: number;
}

export interface StreamStoreOptions {
  /** Milliseconds that never go back. */
  readonly nowMs: () => number;
  readonly resumeWindowMs?: number;
  readonly window?: WindowOptions;
  /** What the peers may have under way to here. */
  readonly budget?: Budget;
  /** What is kept here for the peers until they acknowledge it. */
  readonly keptBudget?: Budget;
  /** A stream lost its path; `nextDeadlineMs` may have changed. */
  readonly onDetached?: (stream: StreamEnd | PendingOpen) => void;
  readonly onResumed?: (stream: StreamEnd, replayed: number) => void;
}

/**
 * The streams of one accepting end (an agent's session) by their keys: what outlives the paths. It answers who is meant
 * by a RESUME or a repeated OPEN, and ends what nobody came back for (SPEC §6).
 */
export class StreamStore implements PendingKeeper {
  readonly #options: StreamStoreOptions;
  readonly #windowMs: number;
  readonly #live = new Map<string, StreamEnd | PendingOpen>();
  readonly #ended = new Map<string, Ended>();
  readonly #endedUntil = new Deadlines<string>();
  readonly #waiting = new Deadlines<StreamEnd | PendingOpen>();
  readonly #budget: Budget;
  readonly #keptBudget: Budget;

  constructor(options: StreamStoreOptions) {
    this.#options = options;
    this.#windowMs = options.resumeWindowMs ?? RESUME_WINDOW_MS;
    this.#budget = options.budget ?? new Budget(SESSION_BUDGET_BYTES);
    this.#keptBudget = options.keptBudget ?? new Budget(SESSION_BUDGET_BYTES);
  }

  /** Streams open or pending, with a path or without. */
  get size(): number {
    return this.#live.size;
  }

  /** Of them, those without a path. */
  get detached(): number {
    return this.#waiting.size;
  }

  /** When `tick` is to be called next; undefined: never. */
  get nextDeadlineMs(): number | undefined {
    return this.#waiting.nextMs;
  }

  /** Ends what nobody came back for. */
  tick(): void {
    const seconds = Math.round(this.#windowMs / 1000);
    for (const item of this.#waiting.take(this.#options.nowMs())) {
      item.expire(`no path to the other end for ${seconds} s`);
    }
    this.#forgetEnded();
  }

  /** Ends everything, telling the peers where there is a path. */
  breakOff(code: ErrorCode, message: string): void {
    for (const item of [...this.#live.values()]) item.breakOff(code, message);
  }

  find(key: Uint8Array): StreamEnd | PendingOpen | Ended | undefined {
    const name = nameOf(key);
    return this.#live.get(name) ?? this.#ended.get(name);
  }

  /** A new open; nobody has this key. */
  pending(request: OpenRequest, sendWindow: number): { pending: PendingOpen; window: number } {
    const window = new ReceiveWindow(this.#options.window ?? DEFAULT_WINDOW, this.#budget, this.#options.nowMs());
    const pending = new PendingOpen(this, request, window, sendWindow);
    this.#live.set(nameOf(request.key), pending);
    return { pending, window: window.bytes };
  }

  /** @internal A pending open becomes a stream. */
  accepted(pending: PendingOpen, window: ReceiveWindow, sendWindow: number): StreamEnd {
    const { nowMs } = this.#options;
    const { request } = pending;
    const stream = new StreamEnd(request, window, new SendHalf(sendWindow, this.#keptBudget), nowMs);
    stream.attempt = pending.attempt;
    this.#waiting.delete(pending);
    this.#live.set(nameOf(request.key), stream);
    stream.onClosed(() => {
      this.#waiting.delete(stream);
      this.#end(request.key, { broken: stream.broken, consumed: stream.bytesReceived });
    });
    return stream;
  }

  /** @internal A pending open was refused, or given up. */
  forget(pending: PendingOpen, refused: Reason | undefined): void {
    this.#waiting.delete(pending);
    if (refused === undefined) this.#live.delete(nameOf(pending.request.key));
    else this.#end(pending.request.key, { broken: refused, consumed: 0 });
  }

  /** @internal It has no path now. */
  wait(item: StreamEnd | PendingOpen): void {
    this.#waiting.add(item, this.#options.nowMs() + this.#windowMs);
    this.#options.onDetached?.(item);
  }

  /** @internal It has a path again. */
  resumed(item: StreamEnd | PendingOpen, replayed: number): void {
    this.#waiting.delete(item);
    if (item instanceof StreamEnd) this.#options.onResumed?.(item, replayed);
  }

  #end(key: Uint8Array, ended: Ended): void {
    const name = nameOf(key);
    this.#live.delete(name);
    this.#ended.set(name, ended);
    this.#endedUntil.add(name, this.#options.nowMs() + this.#windowMs);
    this.#forgetEnded();
  }

  #forgetEnded(): void {
    for (const name of this.#endedUntil.take(this.#options.nowMs())) this.#ended.delete(name);
    for (const name of this.#ended.keys()) {
      if (this.#ended.size <= MAX_ENDED) break;
      this.#ended.delete(name);
      this.#endedUntil.delete(name);
    }
  }
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
}
