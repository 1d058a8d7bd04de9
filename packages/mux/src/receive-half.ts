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
  /** Offset of the next byte expected. */
  received = 0;
  /** Bytes passed on to whoever they are for. Acknowledgement, flow control and resume point in one. */
  consumed = 0;
  #told = 0;
  #limit: number;
  endReceived = false;
  endConsumed = false;

  constructor(window: ReceiveWindow) {
    this.window = window;
    this.#limit = window.bytes;
  }

  /** Checks DATA of `length` bytes at `offset`. @throws CulvertError protocol_error, offset_mismatch, flow_control_error */
  accept(offset: number, length: number): void {
    if (this.endReceived) throw new CulvertError('protocol_error', 'R1: DATA behind the end');
    if (offset !== this.received) {
      throw new CulvertError('offset_mismatch', `R2: DATA at ${offset}, expected ${this.received}`);
    }
    if (offset + length > this.#limit) {
      throw new CulvertError('flow_control_error', `R3: DATA up to ${offset + length}, allowed ${this.#limit}`);
    }
    this.received = offset + length;
  }

  /** Checks FIN at `offset`. @throws CulvertError offset_mismatch, protocol_error */
  finish(offset: number): void {
    if (this.endReceived) throw new CulvertError('protocol_error', 'R4: a second FIN');
    if (offset !== this.received) {
      throw new CulvertError('offset_mismatch', `R5: FIN at ${offset}, ${this.received} bytes were received`);
    }
    this.endReceived = true;
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

  /** What the next ACK says; from then on the peer may send up to offset + window. */
  tell(): { offset: number; window: number } {
    this.#told = this.consumed;
    this.#limit = Math.max(this.#limit, this.consumed + this.window.bytes);
    return { offset: this.consumed, window: this.#limit - this.consumed };
  }
}
