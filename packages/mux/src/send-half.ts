import { CulvertError } from '@culvert/base';

/** The sending direction of a stream: what was sent, what the peer allows, whether the end was sent and taken. */
export class SendHalf {
  /** Offset of the next byte to send. */
  sent = 0;
  /** The peer may be sent bytes below this offset. */
  #limit: number;
  #acked = 0;
  endSent = false;
  /** The peer has passed on everything, the end included. */
  endAcked = false;

  constructor(initialWindow: number) {
    this.#limit = initialWindow;
  }

  get credit(): number {
    return this.endSent ? 0 : this.#limit - this.sent;
  }

  /** Bytes sent and not acknowledged. */
  get unacknowledged(): number {
    return this.sent - this.#acked;
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
    if (offset + window < this.#limit) throw new CulvertError('flow_control_error', 'S3: the window took credit back');
    if (end && !(this.endSent && offset === this.sent)) {
      throw new CulvertError('offset_mismatch', 'S4: ACK of an end that was not sent');
    }
    this.#acked = offset;
    this.#limit = offset + window;
    this.endAcked ||= end;
  }
}
