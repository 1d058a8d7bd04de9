import { type ExecutedVu, type Execution, untilDue } from './execution.ts';

interface ArrivalsWorkload {
  /** When iterations are due, ms from the start. */
  readonly times: Iterable<number>;
  readonly vus: number;
  readonly maxVus: number;
}

/**
 * Iterations that start when they are due, whether or not earlier ones have ended: an open model. One that is late, because
 * this process was held up, is told when it was due and measures from then; one for which no VU is free is dropped and counted.
 */
export async function runArrivals<V extends ExecutedVu>(
  workload: ArrivalsWorkload,
  execution: Execution<V>,
): Promise<void> {
  const free = Array.from({ length: workload.vus }, () => execution.newVu());
  let made = free.length;
  const running = new Set<Promise<void>>();
  for (const atMs of workload.times) {
    const dueMs = execution.startMs + atMs;
    await untilDue(execution, dueMs);
    if (execution.stopping.aborted) break;
    let vu = free.pop();
    if (vu === undefined && made < workload.maxVus) {
      vu = execution.newVu();
      made += 1;
    }
    if (vu === undefined) {
      execution.drop();
      continue;
    }
    const taken = vu;
    const iteration: Promise<void> = execution.iterate(taken, dueMs).then(() => {
      free.push(taken);
      running.delete(iteration);
    });
    running.add(iteration);
  }
  await Promise.all(running);
}
