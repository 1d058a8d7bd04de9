import { CulvertError } from '@culvert/base';
import type { ReceiveWindow } from './receive-window.ts';

/**
 * An ACK goes out when half of the window was consumed since the last one: the other half is under way meanwhile, and
 * each ACK costs every process on the way a read and a write.
 */
const ACK_SHARE = 2;

/** The receiving direction of a stream: what arrived, what was passed on, and what the peer was told of it. */
export class ReceiveHalf {
  readonly window: ReceiveWindow;
  /** Offset behind the last byte that arrived. */
  received = 0;
  /** Bytes passed on to whoever they are for. Acknowledgement, flow control and resume point in one. */
  consumed = 0;
  endReceived = false;
  endConsumed = false;
  /** Offset of the next byte on this path: below `received` while a resumed path repeats what is here already. */
  #next = 0;
  /** The end was seen on this path. */
  #endSeen = false;
  #told = 0;
  #endTold = false;
  #limit: number;

  constructor(window: ReceiveWindow) {
    this.window = window;
    this.#limit = window.bytes;
  }

  /**
   * Checks DATA of `length` bytes at `offset`. Returns how many of its first bytes are here already: 0, except behind a
   * resume. @throws CulvertError protocol_error, offset_mismatch, flow_control_error
   */
  accept(offset: number, length: number): number {
    if (this.#endSeen || (this.endReceived && offset + length > this.received)) {
      throw new CulvertError('protocol_error', 'R1: DATA behind the end');
    }
    if (offset !== this.#next)
      throw new CulvertError('offset_mismatch', `R2: DATA at ${offset}, expected ${this.#next}`);
    if (offset + length > this.#limit) {
      throw new CulvertError('flow_control_error', `R3: DATA up to ${offset + length}, allowed ${this.#limit}`);
    }
    this.#next = offset + length;
    const known = Math.min(length, this.received - offset);
    this.received += length - known;
    return known;
  }

  /** Checks FIN at `offset`. False: the end is known already. @throws CulvertError offset_mismatch, protocol_error */
  finish(offset: number): boolean {
    if (this.#endSeen) throw new CulvertError('protocol_error', 'R4: a second FIN');
    if (offset !== this.#next || offset !== this.received) {
      throw new CulvertError('offset_mismatch', `R5: FIN at ${offset}, ${this.received} bytes were received`);
    }
    this.#endSeen = true;
    const fresh = !this.endReceived;
    this.endReceived = true;
    return fresh;
  }

  /** The peer is going to send again from what was consumed (SPEC §6). */
  rewind(): void {
    this.#next = this.consumed;
    this.#endSeen = false;
  }

  /** Notes that `bytes` more were passed on. True when the peer should be told. */
  consume(bytes: number, nowMs: number, roundTripMs: number | undefined): boolean {
    if (bytes < 0 || this.consumed + bytes > this.received) {
      throw new RangeError(`consumed ${this.consumed + bytes} bytes of ${this.received} received`);
    }
    this.consumed += bytes;
    const grew = this.window.consumed(this.consumed, nowMs, roundTripMs);
    if (this.endReceived) return false;
    return grew || this.consumed - this.#told >= this.window.bytes / ACK_SHARE;
  }

  /** The peer does not know yet how far this half got. */
  get lags(): boolean {
    return this.consumed > this.#told || this.endConsumed !== this.#endTold;
  }

  /** What the next ACK says; from then on the peer may send up to offset + window. */
  tell(): { offset: number; window: number } {
    this.#told = this.consumed;
    this.#endTold = this.endConsumed;
    this.#limit = Math.max(this.#limit, this.consumed + this.window.bytes);
    return { offset: this.consumed, window: this.#limit - this.consumed };
  }
}
