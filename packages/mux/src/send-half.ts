import { Buffer } from 'node:buffer';
import { CulvertError } from '@culvert/base';
import type { Budget } from './budget.ts';
import { Limit } from './wire.ts';

/** What a stream may keep whatever the budget says, or a full budget would stop streams for good. Bytes. */
export const MIN_KEPT_BYTES = 16_384;

/** Pieces below this are joined once RUN of them follow each other: a kept byte must not cost an object. Bytes. */
const SMALL_BYTES = 1_024;
const RUN = 256;
const GONE = Buffer.alloc(0);

/**
 * The sending direction of a stream: what was sent, what the peer allows, whether the end was sent and taken. What the
 * peer has not acknowledged is kept, by reference, to be sent again over another path (SPEC §6).
 */
export class SendHalf {
  /** Offset of the next byte to send. */
  sent = 0;
  endSent = false;
  /** Off where no other path could ever go on with the stream. */
  keeps = true;
  /** The peer has passed on everything, the end included. */
  endAcked = false;
  readonly #budget: Budget;
  /** The peer takes bytes below this offset. */
  #told: number;
  /** Bytes that may be kept; above MIN_KEPT_BYTES they are reserved from the budget. */
  #allowance = MIN_KEPT_BYTES;
  #acked = 0;
  /** Sent and not acknowledged; the first one may begin below `#acked`. */
  #kept: Buffer[] = [];
  /** Index of the first piece still needed, and the offset of its first byte. */
  #first = 0;
  #firstOffset = 0;
  /** How many small pieces the list ends with. */
  #smallRun = 0;

  constructor(window: number, budget: Budget) {
    this.#budget = budget;
    this.#told = window;
    this.#allow(window);
  }

  get credit(): number {
    return this.endSent ? 0 : Math.min(this.#told, this.#acked + this.#allowance) - this.sent;
  }

  /** Bytes sent and not acknowledged: what is kept. */
  get unacknowledged(): number {
    return this.sent - this.#acked;
  }

  /** Notes a piece as sent, and keeps it until the peer acknowledges it. */
  keep(piece: Buffer): void {
    this.sent += piece.length;
    if (!this.keeps) return;
    this.#kept.push(piece);
    this.#smallRun = piece.length < SMALL_BYTES ? this.#smallRun + 1 : 0;
    if (this.#smallRun >= RUN) this.#joinSmall();
  }

  /**
   * Takes the peer's word for how far it got (SPEC §5.3). An acknowledgement only ever moves things forward; one
   * that takes something back is the peer's fault, and the stream can't be trusted any further.
   * @throws CulvertError offset_mismatch, flow_control_error
   */
  acknowledge(offset: number, window: number, end: boolean): void {
    if (offset > this.sent)
      throw new CulvertError('offset_mismatch', `S1: ACK of ${offset}, only ${this.sent} were sent`);
    if (offset < this.#acked) throw new CulvertError('offset_mismatch', `S2: ACK of ${offset} after ${this.#acked}`);
    // Behind the end nobody needs credit: a stream that is over has no window to speak of.
    if (!end && offset + window < this.#told) {
      throw new CulvertError('flow_control_error', 'S3: the window took credit back');
    }
    if (end && !(this.endSent && offset === this.sent)) {
      throw new CulvertError('offset_mismatch', 'S4: ACK of an end that was not sent');
    }
    this.#acked = offset;
    this.#told = Math.max(this.#told, offset + window);
    this.endAcked ||= end;
    this.#forget(offset);
    this.#allow(window);
  }

  /** Hands out what was sent and not acknowledged, in pieces of at most `Limit.DATA_BYTES`. Returns its bytes. */
  replay(send: (offset: number, piece: Buffer) => void): number {
    let offset = this.#firstOffset;
    for (let at = this.#first; at < this.#kept.length; at += 1) {
      const piece = this.#kept[at] as Buffer;
      const known = Math.max(0, this.#acked - offset);
      for (let from = known; from < piece.length; from += Limit.DATA_BYTES) {
        send(offset + from, piece.subarray(from, from + Limit.DATA_BYTES));
      }
      offset += piece.length;
    }
    return this.unacknowledged;
  }

  /** The stream is over: nothing is kept, the budget gets everything back. */
  close(): void {
    this.#kept = [];
    this.#first = 0;
    this.#budget.release(this.#allowance - MIN_KEPT_BYTES);
    this.#allowance = MIN_KEPT_BYTES;
  }

  /** Whatever window the peer opens, this end keeps no more than its own budget grants. */
  #allow(window: number): void {
    const more = Math.min(window, Limit.WINDOW_BYTES) - this.#allowance;
    if (more > 0 && this.#budget.reserve(more)) this.#allowance += more;
  }

  #forget(acked: number): void {
    const kept = this.#kept;
    let first = this.#first;
    while (first < kept.length && this.#firstOffset + (kept[first] as Buffer).length <= acked) {
      this.#firstOffset += (kept[first] as Buffer).length;
      kept[first] = GONE; // let go of the bytes now, of the place in the list below
      first += 1;
    }
    this.#first = first;
    if (first === kept.length) {
      this.#kept = [];
      this.#first = 0;
      this.#smallRun = 0;
    } else if (first > 64 && first * 2 > kept.length) {
      // Now and then: moving the rest each time would be quadratic.
      this.#kept = kept.slice(first);
      this.#first = 0;
    }
  }

  #joinSmall(): void {
    const start = Math.max(this.#first, this.#kept.length - this.#smallRun);
    const joined = Buffer.concat(this.#kept.slice(start));
    this.#kept.length = start;
    this.#kept.push(joined);
    this.#smallRun = 0;
  }
}
