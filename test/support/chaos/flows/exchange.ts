import { sleep, withDeadline } from '@culvert/base';
import type { Flow } from '../flow.ts';
import { Keystream } from '../keystream.ts';
import { Progress } from '../progress.ts';
import type { Ends } from '../rendezvous.ts';
import { Guard } from './guard.ts';

const REQUEST_BYTES = 300;
const ANSWER_BYTES = 1_200;
const END_DEADLINE_MS = 15_000;

export interface ExchangeOptions {
  readonly kind: string;
  readonly way: string;
  readonly ends: Ends;
  /** Of the bytes. */
  readonly name: string;
  /** From an answer to the next request; undefined: it stays idle until somebody asks for one. */
  readonly periodMs: number | undefined;
}

/** Small requests on one connection, each sent when the one before was answered; or an idle keep-alive connection. */
export class ExchangeFlow implements Flow {
  readonly kind: string;
  readonly way: string;
  readonly #options: ExchangeOptions;
  readonly #guard: Guard;
  readonly #progress: Progress;
  readonly #requests: Keystream;
  readonly #stop = new AbortController();
  #sent = 0;
  #wrong = 0;

  private constructor(options: ExchangeOptions) {
    const { kind, way, ends, name, periodMs = 0 } = options;
    this.kind = kind;
    this.way = way;
    this.#options = options;
    this.#progress = new Progress(periodMs);
    this.#guard = new Guard(ends, (error) => this.#progress.fail(error));
    this.#requests = new Keystream(`${name} requests`);
    this.#serve(name);
    this.#receive(name);
    // Who is told of an end has no more to say.
    for (const socket of Object.values(ends)) socket.on('end', () => socket.end());
  }

  /** Resolves when the first request was answered. */
  static async open(options: ExchangeOptions): Promise<ExchangeFlow> {
    const flow = new ExchangeFlow(options);
    try {
      await withDeadline(END_DEADLINE_MS, `the first answer to ${options.kind}`, () => flow.#ask());
    } catch (error) {
      flow.destroy();
      throw error;
    }
    // A failure is the guard's to tell.
    if (options.periodMs !== undefined) void flow.#goOn(options.periodMs).catch(() => undefined);
    return flow;
  }

  get wrong(): number {
    return this.#wrong;
  }

  get lost(): Error | undefined {
    return this.#guard.lost;
  }

  passed(): Promise<void> {
    if (this.#options.periodMs === undefined) return this.#ask();
    return this.#progress.when(this.#sent + 1);
  }

  watch(): void {
    this.#progress.watch();
  }

  gapMs(): number | undefined {
    return this.#options.periodMs === undefined ? undefined : this.#progress.gapMs();
  }

  async finish(): Promise<void> {
    const { browser, target } = this.#options.ends;
    this.#stop.abort();
    if (this.lost) throw this.lost;
    try {
      await withDeadline(END_DEADLINE_MS, `the end of the ${this.kind}`, async () => {
        await this.#progress.when(this.#sent);
        this.#guard.letEnd();
        const ended = Promise.all([endOf(target), endOf(browser)]);
        browser.end();
        await ended;
      });
    } catch (error) {
      this.#guard.lose(error as Error); // whatever was thrown here is ours
      throw error;
    } finally {
      this.destroy();
    }
  }

  destroy(): void {
    this.#stop.abort();
    this.#guard.destroy();
  }

  async #goOn(periodMs: number): Promise<void> {
    for (;;) {
      await sleep(periodMs, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      await this.#ask();
    }
  }

  #ask(): Promise<void> {
    this.#sent += 1;
    this.#options.ends.browser.write(this.#requests.take(REQUEST_BYTES));
    return this.#progress.when(this.#sent);
  }

  /** The target's side. */
  #serve(name: string): void {
    const { target } = this.#options.ends;
    const expected = new Keystream(`${name} requests`);
    const answers = new Keystream(`${name} answers`);
    let missing = REQUEST_BYTES;
    target.on('data', (chunk: Buffer) => {
      this.#wrong += expected.wrongIn(chunk);
      for (missing -= chunk.length; missing <= 0; missing += REQUEST_BYTES) target.write(answers.take(ANSWER_BYTES));
    });
  }

  #receive(name: string): void {
    const expected = new Keystream(`${name} answers`);
    let received = 0;
    this.#options.ends.browser.on('data', (chunk: Buffer) => {
      this.#wrong += expected.wrongIn(chunk);
      received += chunk.length;
      const answered = Math.floor(received / ANSWER_BYTES);
      if (answered > this.#progress.reached) this.#progress.reach(answered);
    });
  }
}

function endOf(socket: Ends['browser']): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.readableEnded) resolve();
    else if (socket.closed) reject(new Error('a socket was closed without an end'));
    // It may be closed without an end; behind one, this changes nothing.
    else socket.once('end', resolve).once('close', () => reject(new Error('a socket was closed without an end')));
  });
}
