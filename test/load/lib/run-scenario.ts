import type { Execution } from './executors/execution.ts';
import { untilDue } from './executors/execution.ts';
import { execute } from './executors/index.ts';
import type { Run } from './run.ts';
import type { ResolvedScenario } from './scenarios.ts';
import type { Iteration } from './script.ts';
import type { Vu } from './vu.ts';

/**
 * One scenario from its start time to the end of its last iteration: at its end iterations have `graceMs` left, and are then
 * interrupted; at the run's early end they are interrupted at once. Resolves always.
 */
export async function runScenario(run: Run, scenario: ResolvedScenario, work: Iteration, data: unknown): Promise<void> {
  const { clock, aborted } = run;
  const startMs = run.scenarioStart(scenario.startMs);
  await untilDue({ clock, stopping: aborted }, startMs);
  if (aborted.aborted) return;
  const stop = new AbortController();
  const interrupt = new AbortController();
  const end = (): void => {
    stop.abort();
    interrupt.abort();
  };
  aborted.addEventListener('abort', end, { once: true });
  const cancels = [clock.after(scenario.durationMs + scenario.graceMs, end)];
  // The others know by themselves when they have started their last.
  if (scenario.workload.kind === 'iterations') cancels.push(clock.after(scenario.durationMs, () => stop.abort()));
  const vus: Vu[] = [];
  const execution: Execution<Vu> = {
    ...{ clock, startMs, stopping: stop.signal },
    newVu: () => {
      const vu = run.makeVu(run.nextVuId(), scenario);
      vus.push(vu);
      return vu;
    },
    iterate: (vu, dueMs, own) =>
      run.iterate(vu, work, data, dueMs, own ? AbortSignal.any([own, interrupt.signal]) : interrupt.signal),
    drop: () => run.add('dropped_iterations', 1, scenario.tags),
  };
  try {
    await execute(scenario, execution);
  } finally {
    for (const cancel of cancels) cancel();
    aborted.removeEventListener('abort', end);
    for (const vu of vus) vu.close();
  }
}
