import { type Clock, pause } from '@culvert/base';

/** A virtual user, as far as an executor has to know it: it does one iteration at a time. */
export interface ExecutedVu {
  readonly id: number;
}

/** What an executor works with. All times are of `clock.monotonic()`, ms. */
export interface Execution<V extends ExecutedVu = ExecutedVu> {
  readonly clock: Clock;
  readonly startMs: number;
  /** Aborted: no more iterations start. */
  readonly stopping: AbortSignal;
  newVu(): V;
  /**
   * One iteration, meant to start at `dueMs`: what it measures counts from then, however late it is. Never rejects.
   * `interrupt`: this VU is no longer wanted, and has had its time.
   */
  iterate(vu: V, dueMs: number, interrupt?: AbortSignal): Promise<void>;
  /** An iteration was due, and no VU was free. */
  drop(): void;
}

/** Until `dueMs`, or the end; at once when that has passed. Timers may come a little early: it looks again. */
export async function untilDue(
  { clock, stopping }: Pick<Execution, 'clock' | 'stopping'>,
  dueMs: number,
): Promise<void> {
  for (;;) {
    const left = dueMs - clock.monotonic();
    if (left <= 0 || stopping.aborted) return;
    await pause(clock, left, stopping);
  }
}
