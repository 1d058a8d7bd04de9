import type { Clock } from '@culvert/base';

/** A node stops trusting its lease this long before Redis does: clocks differ in pace, and timers come late. ms. */
const MARGIN_MS = 500;

/**
 * What a node knows of its own lease without asking. It is counted from the moment at which the beat was SENT: Redis counts
 * from a later one, so the node's own count is over first. All times are ms of one monotonic clock.
 */
export class Lease {
  readonly #termMs: number;
  #lapsesAtMs = Number.NEGATIVE_INFINITY;

  /** `leaseMs`: how long the registry lets a lease live after a beat; the margin is at most half of it. */
  constructor(leaseMs: number) {
    this.#termMs = leaseMs - Math.min(MARGIN_MS, leaseMs / 2);
  }

  /** -Infinity: there is none. */
  get lapsesAtMs(): number {
    return this.#lapsesAtMs;
  }

  held(nowMs: number): boolean {
    return nowMs < this.#lapsesAtMs;
  }

  /** The registry accepted the beat that was sent then. Answers may come in any order. */
  renewed(sentAtMs: number): void {
    this.#lapsesAtMs = Math.max(this.#lapsesAtMs, sentAtMs + this.#termMs);
  }

  /** The registry says that it is over, whatever was counted here. */
  end(): void {
    this.#lapsesAtMs = Number.NEGATIVE_INFINITY;
  }
}

/** Tells at the moment at which a lease lapses, and when it is held again. */
export class LeaseWatch {
  readonly #clock: Clock;
  readonly #lease: Lease;
  readonly #listeners = new Set<(held: boolean) => void>();
  #told = false;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, leaseMs: number) {
    this.#clock = clock;
    this.#lease = new Lease(leaseMs);
  }

  get held(): boolean {
    return this.#lease.held(this.#clock.monotonic());
  }

  /** Told of changes only: a lease that was never held has not lapsed. Returns what takes the listener off. */
  on(listener: (held: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  renewed(sentAtMs: number): void {
    // A process that overslept may come here before its timer: that the lease had lapsed is told all the same.
    this.#look();
    this.#lease.renewed(sentAtMs);
    this.#look();
  }

  end(): void {
    this.#lease.end();
    this.#look();
  }

  /** Tells nothing any more. */
  close(): void {
    this.#listeners.clear();
    this.#cancelTimer?.();
  }

  #look(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const { held } = this;
    if (held) {
      const restMs = this.#lease.lapsesAtMs - this.#clock.monotonic();
      this.#cancelTimer = this.#clock.after(Math.max(1, Math.ceil(restMs)), () => this.#look());
    }
    if (held === this.#told) return;
    this.#told = held;
    for (const listener of this.#listeners) listener(held);
  }
}
