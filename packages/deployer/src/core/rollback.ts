import type { DeploymentState } from '@culvert/contracts';
import { replacementId } from './ids.ts';
import type { Tick } from './tick.ts';
import type { Unit } from './types.ts';
import {
  arrivingOf,
  goesBack,
  hasReached,
  isFinished,
  leavingOf,
  onRoute,
  routeOfUnit,
  wasAdmitted,
  wasCordoned,
  wasLaunched,
  withNotes,
} from './unit.ts';
import { aliveNode, hasDied } from './world.ts';

/** What is new, or what is tried, cannot be trusted: back to what was. */
export function giveUp(tick: Tick, unit: Unit, why: string): void {
  if (tick.state.request.kind === 'rehearsal') return abort(tick, why, 'failed');
  if (tick.state.notes.mode === undefined) return rollBack(tick, why);
  if (routeOfUnit(unit) === 'readmit' && unit.step === 'admit') {
    tick.put(turnedBack(tick, unit, true)); // the old one died while it was to serve again
    return;
  }
  if (tick.state.request.role !== 'worker') {
    tick.put({ ...unit, state: 'failed', deadlineAtMs: null });
    tick.log('warning', unit.old.id, `it could not be rolled back: ${why}`);
    return;
  }
  // On the way back, or aside, there is no further way back: the node that serves goes on, and a person has to look.
  const left = onRoute(unit, {
    ...{ route: 'leave', leaving: leavingOf(unit), arriving: arrivingOf(unit), state: unit.state, nowMs: tick.nowMs },
  });
  tick.put(withNotes(left, { endAs: 'failed' }));
  tick.log('warning', unit.old.id, `it could not be rolled back: ${why}`);
}

/** Old nodes that still run serve again first; those that are gone are launched again; then the new ones are drained. */
export function rollBack(tick: Tick, why: string): void {
  tick.note({ mode: 'rollback', why });
  for (const unit of tick.units) tick.put(turnedBack(tick, unit, false));
  tick.state = { ...tick.state, resumeTo: null };
  tick.become('rolling_back', why);
}

function turnedBack(tick: Tick, unit: Unit, relaunch: boolean): Unit {
  const { nowMs, state, observation } = tick;
  const fresh = unit.replacement;
  const isWorker = state.request.role === 'worker';
  const isLaunched = wasLaunched(unit, fresh);
  if (fresh === null || !isLaunched) return untouched(unit, nowMs);
  if (unit.state === 'skipped' && !wasAdmitted(unit, fresh)) return unit;
  if (routeOfUnit(unit) === 'leave' && !isFinished(unit) && !wasAdmitted(unit, fresh)) return unit;

  const old = unit.old.id;
  const isOldGone =
    relaunch ||
    unit.state === 'done' ||
    unit.notes.terminating === old ||
    unit.notes[`retired:${old}`] === true ||
    hasDied(unit, old, observation, nowMs);
  const way = { leaving: fresh, state: 'rolling_back' as const, nowMs };
  if (!isOldGone) {
    const route = !isWorker ? 'readmit_stateless' : wasAdmitted(unit, fresh) ? 'readmit' : 'discard';
    return onRoute(unit, { ...way, route, arriving: old });
  }
  const taken = new Set([...observation.nodes.map(({ id }) => id), ...state.units.flatMap(idsOf)]);
  const arriving = replacementId(old, `${state.id}/back`, taken);
  const route = !isWorker ? 'relaunch_stateless' : wasAdmitted(unit, fresh) ? 'relaunch' : 'relaunch_discard';
  return onRoute(unit, { ...way, route, arriving });
}

/** An old node that was ending, or had retired, when the way back began has its place taken: it ends after all. */
export function clearedAway(tick: Tick, unit: Unit): Unit | undefined {
  const old = unit.old.id;
  const isLeft = routeOfUnit(unit).startsWith('relaunch') && aliveNode(tick.observation, old) !== undefined;
  if (!isLeft) return undefined;
  const route = tick.state.request.role === 'worker' ? 'clear' : 'readmit_stateless';
  return onRoute(unit, { route, leaving: old, arriving: arrivingOf(unit), state: unit.state, nowMs: tick.nowMs });
}

const idsOf = (unit: Unit): string[] => [unit.old.id, unit.replacement ?? '', leavingOf(unit), arrivingOf(unit) ?? ''];

const untouched = (unit: Unit, nowMs: number): Unit =>
  isFinished(unit) ? unit : { ...unit, step: 'done', state: 'skipped', enteredAtMs: nowMs, deadlineAtMs: null };

/** Nothing more is begun: old nodes serve again, new ones that took nothing go, what has moved stays where it is. */
export function abort(tick: Tick, why: string, endAs: DeploymentState): void {
  tick.note({ mode: 'abort', endAs, why });
  for (const unit of tick.units) leave(tick, unit);
  tick.state = { ...tick.state, resumeTo: null };
  tick.become('running', why);
}

/** The unit is left alone. false: it is too late for that, the old node is ending. */
export function leave(tick: Tick, unit: Unit): boolean {
  if (isFinished(unit) || routeOfUnit(unit) === 'leave') return true;
  const { nowMs } = tick;
  const leaving = leavingOf(unit);
  const arriving = arrivingOf(unit);
  if (unit.step === 'waiting' && !goesBack(unit)) {
    tick.put(untouched(unit, nowMs));
    return true;
  }
  const isEnding =
    unit.notes.terminating === leaving || unit.notes.died === true || unit.notes[`retired:${leaving}`] === true;
  if (isEnding) return false;
  if (tick.state.request.role !== 'worker') return leaveStateless(tick, unit);
  const isStillToServe = arriving === unit.old.id && !hasReached(unit, 'cordon') && !hasReached(unit, 'terminate');
  const way = isStillToServe ? { leaving: arriving, arriving: leaving } : { leaving, arriving };
  tick.put(onRoute(unit, { ...way, route: 'leave', state: unit.state, nowMs }));
  return true;
}

/** A new gateway shares its old one's address, and may have taken something: it finishes that before it goes. */
function leaveStateless(tick: Tick, unit: Unit): boolean {
  const arriving = arrivingOf(unit);
  if (goesBack(unit) || arriving === null) return false;
  const way = { leaving: arriving, arriving: leavingOf(unit), state: unit.state, nowMs: tick.nowMs };
  tick.put(withNotes(onRoute(unit, { ...way, route: 'readmit_stateless' }), { endAs: 'skipped' }));
  return true;
}

/** Whether anything is to be undone, or to be told of in a receipt. */
export const hasTouched = ({ units }: Pick<Tick, 'units'>): boolean =>
  units.some(
    (unit) => wasLaunched(unit, unit.replacement) || wasCordoned(unit, unit.old.id) || unit.evidence.length > 0,
  );
