import type { ExecutedVu, Execution } from './execution.ts';

interface IterationsWorkload {
  readonly vus: number;
  readonly iterations: number;
  /** Whoever is free takes the next one; else each VU has as many. */
  readonly shared: boolean;
}

/** A number of iterations, as fast as they go. Resolves when all are done, or stopped. */
export async function runIterations<V extends ExecutedVu>(
  workload: IterationsWorkload,
  execution: Execution<V>,
): Promise<void> {
  const { clock, stopping, iterate } = execution;
  let left = workload.iterations;
  const work = async (): Promise<void> => {
    const vu = execution.newVu();
    for (let own = workload.iterations; !stopping.aborted; own -= 1) {
      if (workload.shared ? left <= 0 : own <= 0) return;
      left -= 1;
      await iterate(vu, clock.monotonic());
    }
  };
  const vus = workload.shared ? Math.min(workload.vus, workload.iterations) : workload.vus;
  await Promise.all(Array.from({ length: vus }, work));
}
