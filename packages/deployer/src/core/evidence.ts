import type { DeploymentStep, StepOutcome } from '@culvert/contracts';
import type { Facts } from './steps/step.ts';
import type { Tick } from './tick.ts';
import type { Unit } from './types.ts';

const MAX_EVIDENCE = 60;

/** Writes down how a step of a unit ended, where people, the API and the history find it. */
export function conclude(
  tick: Tick,
  unit: Unit,
  end: {
    readonly step?: DeploymentStep;
    readonly outcome: StepOutcome;
    readonly detail: string;
    readonly facts?: Facts;
  },
): Unit {
  const step = end.step ?? unit.step;
  const { outcome, detail, facts = {} } = end;
  const tookMs = Math.max(0, Math.round(tick.nowMs - unit.enteredAtMs));
  const entry = { step, outcome, at: new Date(tick.nowMs).toISOString(), tookMs, detail, facts };
  const told = { ...unit, evidence: [...unit.evidence, entry].slice(-MAX_EVIDENCE) };
  tick.put(told);
  tick.log(outcome === 'failed' ? 'warning' : 'step', unit.old.id, `${step}: ${detail}`);
  tick.event('deployment.step', { node: unit.old.id, step, outcome });
  return told;
}
