import type { Writable } from 'node:stream';

export interface SenderOptions {
  readonly sink: Writable;
  readonly periodMs: number;
  /** The next piece. */
  readonly piece: () => Buffer;
}

/** Writes a piece every so often, and waits whenever the sink takes no more: as a program with a steady output does. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #timer: NodeJS.Timeout;
  #blocked = false;
  #bytes = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
    options.sink.on('drain', () => {
      this.#blocked = false;
    });
    options.sink.on('close', () => this.stop());
    this.#timer = setInterval(() => this.#send(), options.periodMs);
  }

  /** Written so far, whether it has left or not. */
  get bytes(): number {
    return this.#bytes;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #send(): void {
    const { sink, piece } = this.#options;
    if (this.#blocked || !sink.writable) return;
    const bytes = piece();
    this.#bytes += bytes.length;
    this.#blocked = !sink.write(bytes);
  }
}
