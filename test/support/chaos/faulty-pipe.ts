import type { Socket } from 'node:net';

/** What is wrong with a network at the moment. */
export type Condition =
  | { readonly kind: 'fine' }
  /** Each direction of each connection carries so many bytes a second, no more. */
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }
  /** This share of all segments is late by so many ms; what is behind one on its connection waits for it. */
  | { readonly kind: 'late'; readonly share: number; readonly minMs: number; readonly maxMs: number };

export interface PipeOptions {
  readonly from: Socket;
  readonly to: Socket;
  readonly condition: () => Condition;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
}

/** What a slow network keeps on its way; then its sender has to wait. */
const SLOW_BUFFER_BYTES = 262_144;
/** What a network holds that is only late: more than any connection has under way. */
const LATE_BUFFER_BYTES = 64 << 20;

interface Segment {
  /** Undefined: the end. */
  readonly bytes: Buffer | undefined;
  readonly arrivedMs: number;
  readonly lateMs: number;
}

/** One direction of a relayed connection: in order, as TCP is, whatever happens to single segments. */
export class FaultyPipe {
  readonly #options: PipeOptions;
  #queue: Segment[] = [];
  #queuedBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #freeAtMs = 0;
  #silent = false;

  constructor(options: PipeOptions) {
    this.#options = options;
    const { from, to } = options;
    from.on('data', (bytes: Buffer) => this.#take(bytes));
    from.on('end', () => this.#take(undefined));
    from.on('error', () => undefined); // `close` follows
    // A reset is passed on at once, as the network does.
    from.on('close', (failed: boolean) => {
      if (failed && !this.#silent) to.resetAndDestroy();
    });
    to.on('drain', () => this.#send());
  }

  /** From now on everything is swallowed, ends and resets too. */
  silence(): void {
    this.#silent = true;
    clearTimeout(this.#timer);
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#options.from.resume();
  }

  /** Conditions have changed: what waits is looked at again. */
  review(): void {
    clearTimeout(this.#timer);
    this.#freeAtMs = 0;
    this.#send();
  }

  #take(bytes: Buffer | undefined): void {
    if (this.#silent) return;
    const { condition, random, from } = this.#options;
    const now = condition();
    const late = now.kind === 'late' && random() < now.share;
    const lateMs = late ? now.minMs + random() * (now.maxMs - now.minMs) : 0;
    this.#queue.push({ bytes, arrivedMs: performance.now(), lateMs });
    this.#queuedBytes += bytes?.length ?? 0;
    if (this.#queuedBytes > (now.kind === 'slow' ? SLOW_BUFFER_BYTES : LATE_BUFFER_BYTES)) from.pause();
    if (this.#queue.length === 1) this.#send();
  }

  /** Sends what may leave now, and comes back when the next may. */
  #send(): void {
    const { from, to, condition } = this.#options;
    for (let [first] = this.#queue; first; [first] = this.#queue) {
      if (to.destroyed || to.writableNeedDrain) return;
      const now = condition();
      const waitMs = (now.kind === 'late' ? first.arrivedMs + first.lateMs : this.#freeAtMs) - performance.now();
      if (waitMs > 0) {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#send(), waitMs);
        return;
      }
      this.#queue.shift();
      if (first.bytes === undefined) {
        to.end();
        return;
      }
      this.#queuedBytes -= first.bytes.length;
      if (now.kind === 'slow') this.#freeAtMs = performance.now() + (first.bytes.length / now.bytesPerSecond) * 1_000;
      to.write(first.bytes);
    }
    if (from.isPaused()) from.resume();
  }
}
