import type { CoreState, Needs } from './types.ts';
import { arrivingOf, goesBack, isFinished, leavingOf, routeOfUnit, wasAdmitted } from './unit.ts';

/** Whose figures are compared: old nodes that are still there, and new ones that serve. null: nothing new serves. */
export function cohortsOf(state: CoreState): Needs['cohorts'] {
  if (state.request.role !== 'worker') return null;
  if (state.request.kind === 'rehearsal') {
    const unit = state.units[0];
    return unit !== undefined && !isFinished(unit) ? { old: [], new: [unit.old.id] } : null;
  }
  if (analyzeMsOf(state) === 0) return null;
  const forward = state.units.filter((unit) => !goesBack(unit));
  const fresh = forward.flatMap((unit) => {
    const arriving = arrivingOf(unit);
    return arriving !== null && wasAdmitted(unit, arriving) && routeOfUnit(unit) !== 'leave' ? [arriving] : [];
  });
  const old = forward
    .filter(({ notes, old: { id }, state: s }) => notes.terminating !== id && s !== 'done')
    .map(leavingOf);
  return fresh.length === 0 ? null : { old, new: fresh };
}

export function analyzeMsOf({ request }: CoreState): number {
  return request.strategy === 'canary'
    ? Math.max(request.analyzeMs, request.canary?.analyzeMs ?? 0)
    : request.analyzeMs;
}
