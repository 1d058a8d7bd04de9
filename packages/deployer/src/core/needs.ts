import type { DeploymentStep } from '@culvert/contracts';
import { cohortsOf } from './cohorts.ts';
import { isOver } from './ending.ts';
import type { CoreState, Needs, Unit } from './types.ts';
import { arrivingOf, isFinished, isUnderWay, leavingOf, stepAfter, subjectOf } from './unit.ts';

const NOTHING: Needs = {
  ...{ health: [], drains: [], beliefs: [], empty: [], holders: [], cohorts: null, sessions: false },
};

/** What the next tick has to be shown. A step that may end in this tick is asked about together with the one after it. */
export function needs(state: CoreState): Needs {
  if (isOver(state) || state.notes.outcome !== undefined) return NOTHING;
  const isWorker = state.request.role === 'worker';
  if (state.notes.begun !== true) return beforehand(state, isWorker);
  const units = state.units.filter(isUnderWay);
  const during = (steps: readonly DeploymentStep[], of: (unit: Unit, step: DeploymentStep) => string | null) =>
    units.flatMap((unit) =>
      [unit.step, stepAfter(unit)].filter((step) => steps.includes(step)).flatMap((step) => of(unit, step) ?? []),
    );
  const once = (ids: readonly string[]) => [...new Set(ids)].filter((id) => id !== '');
  if (!isWorker) return { ...NOTHING, health: once(during(['prepare'], arrivingOf)) };
  return {
    health: once(during(['prepare'], arrivingOf)),
    drains: once(during(['announce', 'close_idle', 'busy', 'verify_empty'], leavingOf)),
    beliefs: once(during(['admit', 'cordon'], subjectOf)),
    empty: once(during(['verify_empty', 'terminate'], leavingOf)),
    holders: once(units.filter(({ step }) => step === 'busy').map(leavingOf)),
    cohorts: cohortsOf(state),
    sessions: false,
  };
}

function beforehand({ units, notes, request }: CoreState, isWorker: boolean): Needs {
  if (notes.checked === true && notes.promoted !== true) return NOTHING;
  const ids = units.filter((unit) => !isFinished(unit)).map(({ old }) => old.id);
  const looks = isWorker ? ids : [];
  return {
    ...NOTHING,
    health: ids,
    drains: looks,
    holders: request.policy === 'wait' ? looks : [],
    sessions: isWorker,
  };
}
