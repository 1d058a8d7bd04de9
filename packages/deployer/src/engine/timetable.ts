import type { StoredDeployment } from '@culvert/registry';
import { dueAt } from './progress.ts';

/** Ticks are due at multiples of this, so that those for the same moment have the same name. */
const SLOT_MS = 25;
/** A tick that is so late is missing. */
const OVERDUE_MS = 1_000;

/** One tick, by name and time; ms of Redis's clock. */
export interface PlannedTick {
  readonly deployment: string;
  readonly revision: number;
  readonly atMs: number;
}

/** Knows the one tick that is ahead or under way: were there two, each would beget its own followers for ever. */
export class Timetable {
  #planned: PlannedTick | undefined;
  #begun = false;

  get deployment(): string | undefined {
    return this.#planned?.deployment;
  }

  /** False: another was planned in its place since. One that is not known was planned by another deploy worker. */
  begin(tick: PlannedTick, nowMs: number): boolean {
    const planned = this.#planned;
    const isAnother = planned?.deployment !== tick.deployment || planned.atMs !== tick.atMs;
    if (planned !== undefined && isAnother && !this.#isLate(planned.atMs, nowMs)) return false;
    this.#planned = tick;
    this.#begun = true;
    return true;
  }

  /** The tick to add so that one comes at `atMs` (0: at once); undefined: one is ahead that comes no later. */
  plan({ deployment, revision, atMs }: PlannedTick, nowMs: number): PlannedTick | undefined {
    const planned = this.#planned?.deployment === deployment ? this.#planned : undefined;
    const isAhead = planned !== undefined && !this.#begun && planned.atMs > nowMs;
    if (isAhead && planned.atMs <= atMs) return undefined;
    // While that one runs, or waits to, its name is taken.
    const isTaken = planned?.revision === revision && !isAhead;
    const earliestMs = Math.max(atMs, nowMs, isTaken ? planned.atMs + SLOT_MS : 0);
    this.#planned = { deployment, revision, atMs: Math.ceil(earliestMs / SLOT_MS) * SLOT_MS };
    this.#begun = false;
    return this.#planned;
  }

  /** Nobody is known to look after it: the process that should have has died, or the job was lost. */
  isMissing(record: StoredDeployment, nowMs: number): boolean {
    const planned = this.#planned?.deployment === record.id ? this.#planned : undefined;
    return this.#isLate(planned?.atMs ?? dueAt(record), nowMs);
  }

  #isLate(atMs: number, nowMs: number): boolean {
    return nowMs - atMs > OVERDUE_MS;
  }
}
