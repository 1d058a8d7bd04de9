import { pause } from '@culvert/base';
import { Keystream } from '../../../support/chaos/keystream.ts';
import { type Duration, parseDuration } from '../duration.ts';
import type { Tags } from '../tags.ts';
import { Interrupted } from './interrupted.ts';
import { ConnectionLost, type Line } from './line.ts';
import type { TrafficContext } from './traffic.ts';

/** Pieces under way at most: whoever waits for an echo sends no more beyond, and the time goes on counting. */
const MAX_UNDER_WAY = 256;
/** More than the resume window: what stands still for longer will not go on. */
const ECHO_DEADLINE_MS = 75_000;
const END_DEADLINE_MS = 10_000;

export interface TalkOptions {
  /** Default 1s. */
  readonly for?: Duration;
  /** From one piece to the next, whether or not it was echoed; default 100ms. */
  readonly every?: Duration;
  /** Of a piece; default 256. */
  readonly bytes?: number;
}

interface Piece {
  /** Of all bytes sent, with this one's last. */
  readonly end: number;
  readonly dueMs: number;
}

/** One open connection in use: pieces go out when they are due, and every byte that comes back is looked at. */
export class Conversation {
  readonly #line: Line;
  readonly #context: TrafficContext;
  readonly #tags: Tags;
  readonly #bytes: Keystream;
  readonly #expected: Keystream;
  readonly #pending: Piece[] = [];
  readonly #closing = new AbortController();
  #progress = Promise.withResolvers<void>();
  #sent = 0;
  #received = 0;
  #lost: ConnectionLost | undefined;
  #gapMs: number | undefined;
  #ending = false;

  constructor(line: Line, context: TrafficContext, tags: Tags) {
    const name = context.nextName();
    this.#line = line;
    this.#context = context;
    this.#tags = tags;
    this.#bytes = new Keystream(name);
    this.#expected = new Keystream(name);
    line.onBytes((bytes) => this.#onBytes(bytes));
    void line.gone.then((reason) => {
      if (!this.#ending) this.#lose(reason);
    });
  }

  /** The longest time that a piece took to come back, ms; undefined: none was sent. */
  get gapMs(): number | undefined {
    return this.#gapMs;
  }

  /**
   * Sends a piece every so often, each of which the app sends back. Each is measured from when it was due: a connection that
   * stands still makes every piece late that was due meanwhile. Resolves when the last one is back; rejects with
   * `ConnectionLost`, or `Interrupted`.
   */
  async talk({ for: span = '1s', every = '100ms', bytes = 256 }: TalkOptions = {}): Promise<void> {
    const { clock } = this.#context;
    const periodMs = Math.max(1, parseDuration(every, 'every'));
    const count = Math.max(1, Math.floor(parseDuration(span, 'for') / periodMs));
    const startMs = clock.monotonic();
    for (let i = 0; i < count; i += 1) {
      const dueMs = startMs + i * periodMs;
      await this.#untilDue(dueMs);
      while (this.#pending.length >= MAX_UNDER_WAY) await this.#moved();
      this.#send(bytes, dueMs);
    }
    while (this.#pending.length > 0) await this.#moved();
  }

  /** Both sides end it. Rejects as `talk` does. */
  async finish(): Promise<void> {
    this.#check();
    this.#ending = true;
    const { clock } = this.#context;
    const deadline = pause(clock, END_DEADLINE_MS, this.#closing.signal).then(() => {
      throw new ConnectionLost('no_end');
    });
    deadline.catch(() => undefined); // the race may be over before
    const ended = this.#line.end().catch((error: Error) => {
      throw new ConnectionLost(error.message);
    });
    ended.catch(() => undefined);
    await Promise.race([ended, deadline, this.#interruption()]);
  }

  close(): void {
    this.#ending = true;
    this.#closing.abort();
    this.#line.destroy();
  }

  #send(length: number, dueMs: number): void {
    this.#check();
    this.#sent += length;
    this.#pending.push({ end: this.#sent, dueMs });
    this.#line.send(this.#bytes.take(length));
    this.#context.add('data_sent', length, this.#tags);
  }

  #onBytes(bytes: Buffer): void {
    const { add, clock, ledger } = this.#context;
    const beyond = Math.max(0, this.#received + bytes.length - this.#sent);
    const wrong = this.#expected.wrongIn(bytes) + beyond;
    ledger.wrongBytes += wrong;
    if (wrong > 0) add('bytes_wrong', wrong, this.#tags);
    this.#received += bytes.length;
    add('data_received', bytes.length, this.#tags);
    const now = clock.monotonic();
    while (this.#pending[0] !== undefined && this.#pending[0].end <= this.#received) {
      const tookMs = now - this.#pending[0].dueMs;
      this.#pending.shift();
      this.#gapMs = Math.max(this.#gapMs ?? 0, tookMs);
      add('exchange_duration', tookMs, this.#tags);
    }
    this.#move();
  }

  #lose(reason: string): void {
    this.#lost ??= new ConnectionLost(reason);
    this.#move();
  }

  #move(): void {
    this.#progress.resolve();
    this.#progress = Promise.withResolvers();
  }

  #check(): void {
    if (this.#context.signal().aborted) throw new Interrupted();
    if (this.#lost) throw this.#lost;
  }

  async #untilDue(dueMs: number): Promise<void> {
    const { clock } = this.#context;
    for (;;) {
      this.#check();
      const leftMs = dueMs - clock.monotonic();
      if (leftMs <= 0) return;
      const wake = new AbortController();
      const timer = pause(clock, leftMs, AbortSignal.any([this.#context.signal(), wake.signal]));
      // Echoes wake it, too: it looks at the time again.
      await Promise.race([timer, this.#progress.promise]);
      wake.abort();
    }
  }

  /** Something came back, or the connection is lost. */
  async #moved(): Promise<void> {
    this.#check();
    const { clock } = this.#context;
    const wake = new AbortController();
    const before = this.#received;
    const progress = this.#progress.promise;
    await Promise.race([
      pause(clock, ECHO_DEADLINE_MS, AbortSignal.any([this.#context.signal(), wake.signal])),
      progress,
    ]);
    wake.abort();
    this.#check();
    if (this.#received === before) throw new ConnectionLost('no_echo');
  }

  #interruption(): Promise<never> {
    const signal = this.#context.signal();
    return new Promise((_resolve, reject) => {
      const onAbort = (): void => reject(new Interrupted());
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort, { once: true, signal: this.#closing.signal });
    });
  }
}
