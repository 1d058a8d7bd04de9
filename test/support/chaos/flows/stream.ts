import type { Socket } from 'node:net';
import { withDeadline } from '@culvert/base';
import type { Flow } from '../flow.ts';
import { Keystream } from '../keystream.ts';
import { Progress } from '../progress.ts';
import type { Ends } from '../rendezvous.ts';
import { Sender } from '../sender.ts';
import { Guard } from './guard.ts';

const END_DEADLINE_MS = 15_000;

export interface StreamOptions {
  readonly kind: string;
  readonly way: string;
  readonly ends: Ends;
  /** Of the bytes. */
  readonly name: string;
  readonly from: 'browser' | 'target';
  /** The receiving side has ended its own direction, long before anything happens. */
  readonly halfClosed: boolean;
  readonly pieceBytes: number;
  readonly periodMs: number;
}

/** Bytes in one direction, without an end in sight: an upload, a download, or what a half-closed connection is left with. */
export class StreamFlow implements Flow {
  readonly kind: string;
  readonly way: string;
  readonly #options: StreamOptions;
  readonly #guard: Guard;
  readonly #progress: Progress;
  readonly #sender: Sender;
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #arrived = Promise.withResolvers<void>();
  readonly #answered = Promise.withResolvers<void>();
  #ending = false;
  #wrong = 0;

  private constructor(options: StreamOptions) {
    const { kind, way, ends, name, from, pieceBytes, periodMs } = options;
    this.kind = kind;
    this.way = way;
    this.#options = options;
    this.#progress = new Progress(periodMs);
    this.#guard = new Guard(ends, (error) => this.#onLost(error));
    this.#source = from === 'browser' ? ends.browser : ends.target;
    this.#sink = from === 'browser' ? ends.target : ends.browser;
    for (const promise of [this.#arrived.promise, this.#answered.promise]) promise.catch(() => undefined);
    this.#receive(new Keystream(name));
    const bytes = new Keystream(name);
    this.#sender = new Sender({ sink: this.#source, periodMs, piece: () => bytes.take(pieceBytes) });
  }

  /** Resolves when bytes flow, and the one end is through that is to be there from the start. */
  static async open(options: StreamOptions): Promise<StreamFlow> {
    const flow = new StreamFlow(options);
    if (options.halfClosed) flow.#sink.end();
    try {
      await withDeadline(END_DEADLINE_MS, `the start of ${options.kind}`, () =>
        Promise.all([flow.#progress.when(1), options.halfClosed && flow.#answered.promise]),
      );
    } catch (error) {
      flow.destroy();
      throw error;
    }
    return flow;
  }

  get wrong(): number {
    return this.#wrong;
  }

  get lost(): Error | undefined {
    return this.#guard.lost;
  }

  passed(): Promise<void> {
    // One byte more than was written up to now.
    return this.#progress.when(this.#sender.bytes + 1);
  }

  watch(): void {
    this.#progress.watch();
  }

  gapMs(): number {
    return this.#progress.gapMs();
  }

  async finish(): Promise<void> {
    this.#sender.stop();
    this.#ending = true;
    try {
      await withDeadline(END_DEADLINE_MS, `the end of the ${this.kind}`, () => this.#end());
    } catch (error) {
      this.#guard.lose(error as Error); // whatever was thrown here is ours
      throw error;
    } finally {
      this.destroy();
    }
  }

  destroy(): void {
    this.#sender.stop();
    this.#guard.destroy();
  }

  async #end(): Promise<void> {
    this.#guard.letEnd(); // what is missing from here on shows below
    this.#source.end();
    await this.#arrived.promise;
    if (this.#progress.reached !== this.#sender.bytes) {
      throw new Error(`${this.#progress.reached} bytes arrived of ${this.#sender.bytes}`);
    }
    if (!this.#options.halfClosed) this.#sink.end();
    await this.#answered.promise;
  }

  #receive(expected: Keystream): void {
    let received = 0;
    this.#sink.on('data', (chunk: Buffer) => {
      this.#wrong += expected.wrongIn(chunk);
      received += chunk.length;
      this.#progress.reach(received);
    });
    this.#sink.on('end', () => {
      if (this.#ending) {
        this.#arrived.resolve();
        return;
      }
      this.#guard.lose(new Error(`an end came after ${received} bytes that nobody had sent`));
      this.#sink.end();
    });
    // Behind an end, a close changes nothing.
    this.#sink.on('close', () => this.#arrived.reject(new Error(`closed after ${received} bytes, without an end`)));
    this.#source.on('close', () => this.#answered.reject(new Error('closed without the end of the other direction')));
    // The other direction carries nothing but its end.
    this.#source.on('data', (chunk: Buffer) => {
      this.#wrong += chunk.length;
    });
    this.#source.on('end', () => this.#answered.resolve());
  }

  /** The other side is not told: it goes on sending until the network tells it. */
  #onLost(error: Error): void {
    this.#progress.fail(error);
    this.#arrived.reject(error);
    this.#answered.reject(error);
  }
}
