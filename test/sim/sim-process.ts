import type { Clock } from '@culvert/base';
import type { Random } from './random.ts';
import type { Cancel, Timeline } from './timeline.ts';
import { Violation } from './violation.ts';

/** A fault of a process under test: an error that nobody caught ends a real one. */
export class ProcessCrashed extends Violation {
  constructor(process: string, cause: unknown) {
    super('no process crashes', `uncaught in ${process}: ${cause instanceof Error ? cause.stack : String(cause)}`);
  }
}

/**
 * One life of a simulated process. Whatever happens in it is an event on the timeline that is its own: a dead process
 * handles none, and a frozen one handles them when it is thawed.
 */
export class SimProcess {
  static #current: SimProcess | undefined;
  readonly name: string;
  readonly random: Random;
  readonly #timeline: Timeline;
  readonly #deaths: (() => void)[] = [];
  #state: 'running' | 'frozen' | 'dead' = 'running';
  #held: { readonly run: () => void; readonly isTimer: boolean }[] = [];

  /** Whose event is being carried out, promise callbacks included. */
  static get current(): SimProcess | undefined {
    return SimProcess.#current;
  }

  constructor(timeline: Timeline, name: string, random: Random) {
    this.#timeline = timeline;
    this.name = name;
    this.random = random;
  }

  get dead(): boolean {
    return this.#state === 'dead';
  }

  get frozen(): boolean {
    return this.#state === 'frozen';
  }

  /** Something happens in this process `delayMs` from now. */
  after(delayMs: number, run: () => void, isTimer = false): Cancel {
    let cancelled = false;
    const take = this.#timeline.at(this.#timeline.nowMs + Math.max(0, delayMs), () => {
      if (this.#state === 'frozen') this.#held.push({ run: () => cancelled || run(), isTimer });
      else this.run(run);
    });
    return () => {
      cancelled = true;
      take();
    };
  }

  /** Does something in this process now. */
  run(work: () => void): void {
    if (this.#state === 'dead') return;
    SimProcess.#current = this;
    try {
      work();
    } catch (error) {
      throw error instanceof Violation ? error : new ProcessCrashed(this.name, error);
    }
  }

  /** The process's own view of time. */
  get clock(): Clock {
    return {
      now: () => EPOCH_MS + this.#timeline.nowMs,
      monotonic: () => this.#timeline.nowMs,
      after: (delayMs, run) => this.after(delayMs, run, true),
    };
  }

  /** SIGSTOP. Its sockets stay open, and the kernel goes on taking bytes for it. */
  freeze(): void {
    if (this.#state === 'running') this.#state = 'frozen';
  }

  /** SIGCONT. What was due meanwhile happens now; whether timers or sockets are seen first is chance. */
  thaw(): void {
    if (this.#state !== 'frozen') return;
    this.#state = 'running';
    const held = this.#held;
    this.#held = [];
    const timersFirst = this.random.chance(0.5);
    const sorted = [
      ...held.filter(({ isTimer }) => isTimer === timersFirst),
      ...held.filter(({ isTimer }) => isTimer !== timersFirst),
    ];
    for (const { run, isTimer } of sorted) this.after(0, run, isTimer);
  }

  /** SIGKILL. `listener` of `onDeath` is what the kernel does then. */
  kill(): void {
    if (this.#state === 'dead') return;
    this.#state = 'dead';
    this.#held = [];
    for (const listener of this.#deaths) listener();
  }

  onDeath(listener: () => void): void {
    this.#deaths.push(listener);
  }
}

/** When every simulation begins, ms since the Unix epoch. */
export const EPOCH_MS = 1_800_000_000_000;
