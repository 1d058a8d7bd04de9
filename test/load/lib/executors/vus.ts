import { type ExecutedVu, type Execution, untilDue } from './execution.ts';
import { type TimedStage, vuSteps } from './ramp.ts';

interface VusWorkload {
  readonly start: number;
  readonly stages: readonly TimedStage[];
  /** How long the iteration of a VU that is no longer wanted may go on, ms. */
  readonly rampDownMs: number;
}

/**
 * VUs that each do one iteration after the other: a closed model, in which a slow system is asked less. Resolves when all of
 * them have ended.
 */
export async function runVus<V extends ExecutedVu>(workload: VusWorkload, execution: Execution<V>): Promise<void> {
  const { clock, startMs, stopping } = execution;
  const spare: V[] = [];
  const running: Loop<V>[] = [];
  const ended: Promise<void>[] = [];
  for (const { atMs, vus } of vuSteps(workload.start, workload.stages)) {
    await untilDue(execution, startMs + atMs);
    if (stopping.aborted) break;
    while (running.length < vus) {
      const loop = new Loop(spare.pop() ?? execution.newVu(), execution);
      running.push(loop);
      ended.push(loop.ended.then(() => void spare.push(loop.vu)));
    }
    for (const loop of running.splice(vus)) {
      loop.leave();
      const cancel = clock.after(workload.rampDownMs, () => loop.interrupt());
      void loop.ended.then(cancel);
    }
  }
  const total = workload.stages.reduce((sum, { durationMs }) => sum + durationMs, 0);
  await untilDue(execution, startMs + total);
  for (const loop of running) loop.leave();
  await Promise.all(ended);
}

/** One VU at work. */
class Loop<V extends ExecutedVu> {
  readonly vu: V;
  readonly ended: Promise<void>;
  readonly #interrupt = new AbortController();
  #wanted = true;

  constructor(vu: V, execution: Execution<V>) {
    this.vu = vu;
    this.ended = this.#run(execution);
  }

  /** After the iteration that is under way. */
  leave(): void {
    this.#wanted = false;
  }

  interrupt(): void {
    this.#interrupt.abort();
  }

  async #run({ clock, stopping, iterate }: Execution<V>): Promise<void> {
    while (this.#wanted && !stopping.aborted) {
      const before = clock.monotonic();
      await iterate(this.vu, before, this.#interrupt.signal);
      // An iteration that waits for nothing would keep everything else from running.
      if (clock.monotonic() - before < 1) await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
