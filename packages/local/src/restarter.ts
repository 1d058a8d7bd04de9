import { Backoff, type Clock } from '@culvert/base';
import type { ClusterEvent } from './cluster-options.ts';

/** A crash loop must not keep a core busy; a single crash must not be felt for long. */
const BACKOFF = { firstMs: 1_000, maxMs: 15_000 };
/** One that has run this long had started well: its next crash is a first one again. */
const STABLE_MS = 60_000;

/** What can be started again: a ManagedProcess. */
interface Restartable {
  readonly id: string;
  readonly role: string;
  start(): Promise<unknown>;
}

/** Starts processes again that ended unasked, each with a back-off of its own, until `close()`. */
export class Restarter {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #onEvent: (event: ClusterEvent) => void;
  readonly #backoffs = new Map<string, { backoff: Backoff; startedAt: number }>();
  readonly #pending = new Map<Restartable, () => void>();
  readonly #givenUp = new WeakSet<Restartable>();
  #closed = false;

  /** `random`: 0 ≤ x < 1, injected by tests. */
  constructor(clock: Clock, onEvent: (event: ClusterEvent) => void, random = Math.random) {
    this.#random = random;
    this.#clock = clock;
    this.#onEvent = onEvent;
  }

  /** `process` has ended: start it again after a pause. `onReady` hears of each life that became ready. */
  schedule(process: Restartable, onReady: () => void): void {
    if (this.#closed || this.#givenUp.has(process) || this.#pending.has(process)) return;
    const { id, role } = process;
    const known = this.#backoffs.get(id) ?? {
      backoff: new Backoff({ ...BACKOFF, random: this.#random }),
      startedAt: Number.POSITIVE_INFINITY,
    };
    this.#backoffs.set(id, known);
    if (this.#clock.monotonic() - known.startedAt > STABLE_MS) known.backoff.reset();
    const inMs = Math.round(known.backoff.next());
    this.#onEvent({ event: 'process.restart', role, id, inMs });
    const cancel = this.#clock.after(inMs, () => {
      this.#pending.delete(process);
      known.startedAt = this.#clock.monotonic();
      process.start().then(onReady, (error: Error) => {
        if (this.#closed || this.#givenUp.has(process)) return;
        this.#onEvent({ event: 'process.restart_failed', role, id, message: error.message });
        this.schedule(process, onReady);
      });
    });
    this.#pending.set(process, cancel);
  }

  /** Its end was ordered: it is not started again. */
  giveUp(process: Restartable): void {
    this.#givenUp.add(process);
    this.#backoffs.delete(process.id);
    this.#pending.get(process)?.();
    this.#pending.delete(process);
  }

  /** No start begins after this. */
  close(): void {
    this.#closed = true;
    for (const cancel of this.#pending.values()) cancel();
    this.#pending.clear();
  }
}
