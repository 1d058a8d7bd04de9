import type { Budget } from './budget.ts';
import { Limit } from './wire.ts';

export interface WindowOptions {
  /** Granted to every stream whatever the budget says, or a full budget would stop streams for good. Bytes. */
  readonly minBytes: number;
  /** What a stream starts with while the budget allows. Bytes. */
  readonly initialBytes: number;
  /** What it may grow to. Bytes, at most Limit.WINDOW_BYTES. */
  readonly maxBytes: number;
}

/**
 * 512 KiB carries any page at any distance well enough for the first round trips, keeps what a small request has to
 * wait behind short, and needs few acknowledgements; 8 MiB fills 640 Mbit/s at 100 ms (frp came to 6 MiB).
 */
export const DEFAULT_WINDOW: WindowOptions = {
  minBytes: 16_384,
  initialBytes: 524_288,
  maxBytes: 8_388_608,
};

/** A window that was used up within this many round trips is what holds the sender back: it grows. */
const GROW_WITHIN_ROUND_TRIPS = 2;

/**
 * The window of one stream's receiving half: how far ahead of what was consumed the peer may send. It doubles
 * while the reader keeps up and a whole window is used within two round trips, as in QUIC's receive-window
 * auto-tuning, so it ends near twice the bandwidth-delay product; a slow reader never makes it grow.
 */
export class ReceiveWindow {
  readonly #options: WindowOptions;
  readonly #budget: Budget;
  #bytes: number;
  #reserved: number;
  #roundStart = 0;
  #roundStartMs: number;

  constructor(options: WindowOptions, budget: Budget, nowMs: number) {
    this.#options = options;
    this.#budget = budget;
    const wanted = options.initialBytes - options.minBytes;
    this.#reserved = wanted > 0 && budget.reserve(wanted) ? wanted : 0;
    this.#bytes = options.minBytes + this.#reserved;
    this.#roundStartMs = nowMs;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Tells how far the reader got. `roundTripMs` is the least seen end to end, undefined while unknown.
   * Returns true when the window grew.
   */
  consumed(offset: number, nowMs: number, roundTripMs: number | undefined): boolean {
    if (offset - this.#roundStart < this.#bytes) return false;
    const tookMs = nowMs - this.#roundStartMs;
    this.#roundStart = offset;
    this.#roundStartMs = nowMs;
    if (roundTripMs === undefined || tookMs > GROW_WITHIN_ROUND_TRIPS * roundTripMs) return false;
    const target = Math.min(this.#bytes * 2, this.#options.maxBytes, Limit.WINDOW_BYTES);
    const more = target - this.#bytes;
    if (more <= 0 || !this.#budget.reserve(more)) return false;
    this.#reserved += more;
    this.#bytes = target;
    return true;
  }

  /** The stream is over: the budget gets everything back. */
  close(): void {
    this.#budget.release(this.#reserved);
    this.#reserved = 0;
  }
}
