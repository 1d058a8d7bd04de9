import type { ResolvedScenario } from '../scenarios.ts';
import { runArrivals } from './arrivals.ts';
import type { ExecutedVu, Execution } from './execution.ts';
import { runIterations } from './iterations.ts';
import { constantArrivals, rampingArrivals } from './ramp.ts';
import { runVus } from './vus.ts';

/** Runs a scenario's workload. Resolves when its last iteration has ended. */
export function execute<V extends ExecutedVu>(
  { workload, durationMs }: Pick<ResolvedScenario, 'workload' | 'durationMs'>,
  execution: Execution<V>,
): Promise<void> {
  if (workload.kind === 'vus') return runVus(workload, execution);
  if (workload.kind === 'iterations') return runIterations(workload, execution);
  const { perMs, start, stages } = workload;
  const times = perMs === null ? rampingArrivals(start, stages) : constantArrivals(perMs, durationMs);
  return runArrivals({ ...workload, times }, execution);
}
