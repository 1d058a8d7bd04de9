import type { Buffer } from 'node:buffer';
import type { Frame } from '../frame.ts';
import { FrameParser } from '../frame-parser.ts';
import { Scheduler } from '../scheduler.ts';

/** One direction of a link: frames in, in the scheduler's order as bytes over a wire that may be slow, frames out. */
export class Lane {
  readonly scheduler = new Scheduler();
  readonly #parser: FrameParser;
  /** The rest of the message that is on the wire; a message here is one frame. */
  #wire: Buffer | undefined;

  constructor(receive: (frame: Frame) => void) {
    this.#parser = new FrameParser(receive);
  }

  /** Nothing waits and nothing is on the wire. */
  get idle(): boolean {
    return this.#wire === undefined && this.scheduler.bytes === 0;
  }

  /** Carries at most `bytes` over. False: there was nothing to carry. */
  carry(bytes: number): boolean {
    return this.carryFrame(bytes) > 0;
  }

  /** Carries at most `bytes` of one frame over. Returns how many it were. */
  carryFrame(bytes: number): number {
    this.#wire ??= this.scheduler.next()?.encode();
    const wire = this.#wire;
    if (wire === undefined) return 0;
    this.#wire = wire.length > bytes ? wire.subarray(bytes) : undefined;
    this.#parser.push(wire.subarray(0, bytes));
    if (wire.length <= bytes) this.#parser.endMessage();
    return Math.min(wire.length, bytes);
  }
}
