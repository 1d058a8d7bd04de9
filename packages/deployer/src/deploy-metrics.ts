import { type DeploymentState, FINAL_STATES } from '@culvert/contracts';
import { instruments, type Telemetry } from '@culvert/telemetry';
import type { CoreState } from './core/types.ts';
import type { EngineWatch } from './engine/watch.ts';

/** Those of a deployment that is under way; all are shown, most of them with 0. */
const STATES: readonly DeploymentState[] = ['pending', 'preflight', 'running', 'paused', 'analyzing', 'rolling_back'];

/** Counts and times what a deploy worker does with deployments. */
export function meteredEngine(meter: Telemetry['meter']): EngineWatch {
  const make = instruments(meter);
  const ticks = make.histogram('culvert.deployment.tick.duration');
  const steps = make.histogram('culvert.deployment.step.duration');
  const finished = make.counter('culvert.deployment.finished');
  let active: string | undefined;
  make.gauge('culvert.deployment.active').addCallback((result) => {
    for (const state of STATES) result.observe(state === active ? 1 : 0, { state });
  });
  return {
    ticked: (outcome, tookMs) => ticks.record(tookMs / 1000, { outcome }),
    committed(before, { state, request, units }) {
      for (const { step, outcome, tookMs } of newEvidence(before, units)) {
        steps.record(tookMs / 1000, { step, outcome });
      }
      active = FINAL_STATES.includes(state) ? undefined : state;
      if (active === undefined) finished.add(1, { state, strategy: request.strategy });
    },
    saw(deployment) {
      active = deployment?.state;
    },
  };
}

/** Steps that ended between the two; what was known before is the same object still. */
function newEvidence(before: CoreState, units: CoreState['units']) {
  const known = new Set(before.units.flatMap(({ evidence }) => evidence));
  return units.flatMap(({ evidence }) => evidence).filter((entry) => !known.has(entry));
}
