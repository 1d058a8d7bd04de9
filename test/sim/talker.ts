import type { Buffer } from 'node:buffer';
import type { ErrorCode } from '@culvert/base';
import type { Stream, StreamHandler } from '@culvert/mux';
import type { Payload } from './payload.ts';
import type { SimProcess } from './sim-process.ts';
import { Violation } from './violation.ts';

/** What one end of a connection does, step by step. */
export type Step =
  | { readonly send: number }
  | { readonly pauseMs: number }
  /** Waits until so many bytes came, all in all. */
  | { readonly expect: number }
  | { readonly expectEnd: true }
  | { readonly end: true }
  | { readonly reset: ErrorCode };

export interface Script {
  readonly steps: readonly Step[];
  /** Bytes per write. */
  readonly chunk: number;
  /** Reads so many bytes each so many ms; at once when absent. */
  readonly reads?: { readonly bytes: number; readonly everyMs: number };
}

/** How an end saw its connection end. */
export interface Ending {
  /** Undefined: in good order. */
  readonly code: ErrorCode | undefined;
  readonly message: string;
  /** This end broke it off itself, as its script says. */
  readonly own: boolean;
}

class WrongBytes extends Violation {
  constructor(message: string) {
    super('bytes arrive exactly once and in order', message);
  }
}

/** A browser or a target: writes what its script says, reads as fast as it says, and compares every byte. */
export class Talker implements StreamHandler {
  readonly stream: Stream;
  readonly #name: string;
  readonly #process: SimProcess;
  readonly #script: Script;
  readonly #outgoing: Payload;
  readonly #incoming: Payload;
  readonly #ended: (ending: Ending) => void;
  #step = 0;
  #sent = 0;
  /** Of the present `send` step. */
  #sentInStep = 0;
  #received = 0;
  #unread = 0;
  #endReceived = false;
  #endTaken = false;
  #waiting = false;
  #reading = false;
  #over = false;

  constructor(
    name: string,
    process: SimProcess,
    stream: Stream,
    script: Script,
    payloads: { readonly outgoing: Payload; readonly incoming: Payload },
    ended: (ending: Ending) => void,
  ) {
    this.#name = name;
    this.#process = process;
    this.stream = stream;
    this.#script = script;
    this.#outgoing = payloads.outgoing;
    this.#incoming = payloads.incoming;
    this.#ended = ended;
    stream.attach(this);
    stream.onClosed(() => this.#onClosed());
    this.#advance();
  }

  get received(): number {
    return this.#received;
  }

  get sent(): number {
    return this.#sent;
  }

  /** The peer's end was seen. */
  get sawEnd(): boolean {
    return this.#endReceived;
  }

  data(payload: Buffer): void {
    if (this.#over) throw new WrongBytes(`${this.#name}: bytes after the end`);
    if (this.#endReceived) throw new WrongBytes(`${this.#name}: bytes behind FIN at ${this.#received}`);
    if (!this.#incoming.matches(this.#received, payload)) {
      throw new WrongBytes(`${this.#name}: wrong bytes in ${payload.length} at offset ${this.#received}`);
    }
    this.#received += payload.length;
    this.#unread += payload.length;
    this.#read();
    this.#advance();
  }

  end(): void {
    if (this.#endReceived) throw new WrongBytes(`${this.#name}: a second end`);
    this.#endReceived = true;
    this.#read();
    this.#advance();
  }

  reset(code: ErrorCode, message: string): void {
    this.#finish({ code, message, own: false });
  }

  writable(): void {
    this.#advance();
  }

  /** Breaks the connection off, as a browser does whose tab is closed. */
  abort(code: ErrorCode): void {
    if (this.#over) return;
    this.#finish({ code, message: 'the script says so', own: true });
    this.stream.reset(code, 'the script says so');
  }

  #read(): void {
    const { reads } = this.#script;
    if (reads === undefined) {
      this.#consume(this.#unread);
    } else if (!this.#reading && (this.#unread > 0 || this.#endReceived)) {
      this.#reading = true;
      this.#process.after(reads.everyMs, () => {
        this.#reading = false;
        this.#consume(Math.min(this.#unread, reads.bytes));
        if (!this.#over && this.#unread > 0) this.#read();
      });
    }
  }

  #consume(bytes: number): void {
    this.#unread -= bytes;
    if (bytes > 0) this.stream.consume(bytes);
    if (this.#unread > 0 || !this.#endReceived || this.#endTaken) return;
    this.#endTaken = true;
    this.stream.consumeEnd();
  }

  #advance(): void {
    while (!this.#over && !this.#waiting) {
      const step = this.#script.steps[this.#step];
      if (step === undefined || !this.#do(step)) return;
      this.#step += 1;
    }
  }

  /** False: it is not done yet. */
  #do(step: Step): boolean {
    if ('send' in step) return this.#send(step.send);
    if ('expect' in step) return this.#received >= step.expect;
    if ('expectEnd' in step) return this.#endReceived;
    if ('pauseMs' in step) {
      this.#waiting = true;
      this.#process.after(step.pauseMs, () => {
        this.#waiting = false;
        this.#advance();
      });
    } else if ('end' in step) {
      this.stream.end();
    } else {
      this.abort(step.reset);
    }
    return true;
  }

  #send(bytes: number): boolean {
    while (this.#sentInStep < bytes) {
      const length = Math.min(bytes - this.#sentInStep, this.stream.credit, this.#script.chunk);
      if (length <= 0 || this.stream.closed) return false;
      const payload = this.#outgoing.at(this.#sent, length);
      this.#sent += length;
      this.#sentInStep += length;
      this.stream.write(payload);
    }
    this.#sentInStep = 0;
    return true;
  }

  /** Closed without a reset, or before its handler hears of one. */
  #onClosed(): void {
    queueMicrotask(() => this.#finish({ code: undefined, message: '', own: false }));
  }

  #finish(ending: Ending): void {
    if (this.#over) return;
    this.#over = true;
    this.#ended(ending);
  }
}
