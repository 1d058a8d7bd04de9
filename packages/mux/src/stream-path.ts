import type { ErrorCode } from '@culvert/base';
import type { Frame } from './frame.ts';
import type { Reason } from './payloads.ts';
import type { StreamEnd } from './stream.ts';

/** What a stream needs of the path that it is on. */
export interface StreamPath {
  /** Both sides of the path know of RESUME: its streams may outlive it. */
  readonly resumable: boolean;
  send(frame: Frame): void;
  /** Forget the frames of a stream that wait to be sent. */
  drop(number: number): void;
  nowMs(): number;
  /** Gives a number to another occupant. */
  occupy(number: number, occupant: Occupant): void;
  /** The number is free: its stream is over, or goes on elsewhere. */
  free(number: number): void;
  /** The stream has no path now and waits for another. */
  detached(stream: StreamEnd, why: Reason): void;
}

/** Who has a stream number on a path. */
export interface Occupant {
  receive(frame: Frame): void;
  /** The path is gone; nothing can be sent any more. */
  lost(code: ErrorCode, message: string): void;
  /** Leaves a path that still works, to go on over another. */
  leave(): void;
  /** Ends, and tells the peer. */
  breakOff(code: ErrorCode, message: string): void;
}
