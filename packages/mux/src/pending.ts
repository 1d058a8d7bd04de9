import { CulvertError, type ErrorCode } from '@culvert/base';
import { Frame } from './frame.ts';
import { encodeReason, encodeWindow, type OpenRequest, type Reason } from './payloads.ts';
import type { ReceiveWindow } from './receive-window.ts';
import type { Stream, StreamEnd } from './stream.ts';
import type { Occupant, StreamPath } from './stream-path.ts';
import { FrameType } from './wire.ts';

/** An open that this end has been asked for and has not answered. */
export interface PendingStream {
  readonly request: OpenRequest;
  /** The target is reached. Must not be called after `onCancelled` or twice. */
  accept(): Stream;
  refuse(code: ErrorCode, message: string): void;
  /** Called when the edge gives up, or the path is lost and not replaced in time, before there was an answer. */
  onCancelled(listener: () => void): void;
}

/** Who keeps opens and streams while they have no path. */
export interface PendingKeeper {
  /** The open becomes a stream. */
  accepted(pending: PendingOpen, window: ReceiveWindow, sendWindow: number): StreamEnd;
  /** It was refused, or given up. */
  forget(pending: PendingOpen, refused: Reason | undefined): void;
  /** It has no path now. */
  wait(item: StreamEnd | PendingOpen): void;
}

/** An OPEN that an agent has not answered. The dial goes on while the path changes: the edge asks again with the same key. */
export class PendingOpen implements PendingStream, Occupant {
  readonly request: OpenRequest;
  /** Highest attempt seen. */
  attempt: number;
  readonly #store: PendingKeeper;
  readonly #window: ReceiveWindow;
  #sendWindow: number;
  #at: { readonly path: StreamPath; readonly number: number } | undefined;
  #state: 'waiting' | 'answered' | 'cancelled' = 'waiting';
  readonly #listeners: (() => void)[] = [];

  constructor(store: PendingKeeper, request: OpenRequest, window: ReceiveWindow, sendWindow: number) {
    this.#store = store;
    this.request = request;
    this.attempt = request.attempt ?? 0;
    this.#window = window;
    this.#sendWindow = sendWindow;
  }

  /** Puts the open on a path: its first one, or the one over which the edge asks again. */
  bind(path: StreamPath, number: number, sendWindow: number): void {
    if (this.#at !== undefined) this.#say(new Frame(FrameType.DETACH, this.#at.number));
    this.#at = { path, number };
    this.#sendWindow = sendWindow;
    path.occupy(number, this);
  }

  accept(): Stream {
    if (this.#state !== 'waiting') throw new CulvertError('cancelled', 'the open was cancelled or answered before');
    this.#state = 'answered';
    const stream = this.#store.accepted(this, this.#window, this.#sendWindow);
    if (this.#at === undefined) {
      stream.startDetached();
      this.#store.wait(stream);
      return stream;
    }
    const { path, number } = this.#at;
    path.occupy(number, stream);
    stream.bind(path, number);
    path.send(new Frame(FrameType.OPENED, number, 0, encodeWindow(this.#window.bytes)));
    return stream;
  }

  refuse(code: ErrorCode, message: string): void {
    if (this.#state !== 'waiting') return;
    this.#state = 'answered';
    if (this.#at !== undefined) {
      this.#say(new Frame(FrameType.REFUSED, this.#at.number, 0, encodeReason({ code, message })));
    }
    this.#forget({ code, message });
  }

  onCancelled(listener: () => void): void {
    if (this.#state === 'cancelled') listener();
    else this.#listeners.push(listener);
  }

  // Occupant: what happens on the path.

  /** The edge may only take the OPEN back. */
  receive(frame: Frame): void {
    if (this.#at === undefined) return;
    if (frame.type === FrameType.DETACH && this.#at.path.resumable) return this.lost();
    if (frame.type !== FrameType.RESET) {
      const message = `T6: frame type 0x${frame.type.toString(16)} before the answer to OPEN`;
      this.#say(new Frame(FrameType.RESET, this.#at.number, 0, encodeReason({ code: 'protocol_error', message })));
    }
    this.#cancel();
  }

  lost(): void {
    const at = this.#at;
    if (at === undefined || this.#state !== 'waiting') return;
    if (!at.path.resumable) return this.#cancel();
    this.#at = undefined;
    at.path.free(at.number);
    this.#store.wait(this);
  }

  leave(): void {
    if (this.#at === undefined || this.#state !== 'waiting') return;
    this.#say(new Frame(FrameType.DETACH, this.#at.number));
    this.#store.wait(this);
  }

  breakOff(code: ErrorCode, message: string): void {
    if (this.#state !== 'waiting') return;
    if (this.#at !== undefined) {
      this.#say(new Frame(FrameType.REFUSED, this.#at.number, 0, encodeReason({ code, message })));
    }
    this.#cancel();
  }

  /** Nobody asked again in time. */
  expire(): void {
    this.#cancel();
  }

  #cancel(): void {
    if (this.#state !== 'waiting') return;
    this.#state = 'cancelled';
    this.#forget(undefined);
    for (const listener of this.#listeners) listener();
  }

  #forget(refused: Reason | undefined): void {
    this.#window.close();
    const at = this.#at;
    this.#at = undefined;
    at?.path.free(at.number);
    this.#store.forget(this, refused);
  }

  /** Last words on a number, which is free then. */
  #say(frame: Frame): void {
    const at = this.#at;
    if (at === undefined) return;
    this.#at = undefined;
    at.path.drop(at.number);
    at.path.send(frame);
    at.path.free(at.number);
  }
}
