import type { DeploymentStep } from '@culvert/contracts';
import { ROUTES, type Route } from './strategy.ts';
import type { Unit } from './types.ts';

/*
 * Notes of a unit. `route`, `leaving`, `arriving`: which way it goes, who goes and who comes ('' : nobody). `launched:ID`,
 * `admitted:ID`, `cordoned:ID`: what this deployment has done to a node. `gone:ID`: since when it is not seen. What begins
 * with `step.` belongs to the step, and ends with it.
 */
type Notes = Unit['notes'];

export const routeOfUnit = (unit: Unit): Route => (unit.notes.route as Route | undefined) ?? 'replace';
export const leavingOf = (unit: Unit): string => (unit.notes.leaving as string | undefined) ?? unit.old.id;
export const arrivingOf = (unit: Unit): string | null => {
  const arriving = unit.notes.arriving as string | undefined;
  return arriving === undefined || arriving === '' ? null : arriving;
};

export const wasLaunched = (unit: Unit, id: string | null): boolean =>
  id !== null && unit.notes[`launched:${id}`] === true;
/** It may have taken sessions. */
export const wasAdmitted = (unit: Unit, id: string | null): boolean =>
  id !== null && unit.notes[`admitted:${id}`] === true;
export const wasCordoned = (unit: Unit, id: string | null): boolean =>
  id !== null && unit.notes[`cordoned:${id}`] === true;

export const isFinished = ({ state }: Unit): boolean =>
  state === 'done' || state === 'failed' || state === 'skipped' || state === 'rolled_back';
export const isUnderWay = (unit: Unit): boolean => !isFinished(unit) && unit.step !== 'waiting';

const BACK: readonly Route[] = [
  ...(['readmit', 'readmit_stateless', 'relaunch', 'relaunch_stateless'] as const),
  ...(['discard', 'relaunch_discard', 'clear'] as const),
];
export const goesBack = (unit: Unit): boolean => BACK.includes(routeOfUnit(unit));

/** Whether the unit has come at least as far as this step; one that its route does not have is never reached. */
export function hasReached(unit: Unit, step: DeploymentStep): boolean {
  const route = ROUTES[routeOfUnit(unit)];
  const place = route.indexOf(step);
  return place >= 0 && route.indexOf(unit.step) >= place;
}

export function stepAfter(unit: Unit): DeploymentStep {
  const route = ROUTES[routeOfUnit(unit)];
  return route[route.indexOf(unit.step) + 1] ?? 'done';
}

/** The node that a step of this unit is about. */
export function subjectOf(unit: Unit, step: DeploymentStep): string {
  const arriving = arrivingOf(unit) ?? leavingOf(unit);
  if (routeOfUnit(unit) === 'leave') return step === 'terminate' ? (arrivingOf(unit) ?? '') : leavingOf(unit);
  const isOfNew =
    step === 'waiting' || step === 'prepare' || step === 'verify' || step === 'admit' || step === 'analyze';
  return isOfNew ? arriving : leavingOf(unit);
}

/** null removes a note. */
export function withNotes(unit: Unit, more: Readonly<Record<string, string | number | boolean | null>>): Unit {
  const notes: Record<string, string | number | boolean> = { ...unit.notes };
  for (const [name, value] of Object.entries(more)) {
    if (value === null) delete notes[name];
    else notes[name] = value;
  }
  return { ...unit, notes };
}

/** Without what belongs to the step. */
export function withoutStepNotes(notes: Notes): Notes {
  return Object.fromEntries(Object.entries(notes).filter(([name]) => !name.startsWith('step.')));
}

/** Sends the unit another way, from its beginning and under new keys. */
export function onRoute(
  unit: Unit,
  way: {
    readonly route: Route;
    readonly leaving: string;
    readonly arriving: string | null;
    readonly state: Unit['state'];
    readonly nowMs: number;
  },
): Unit {
  const afresh = {
    died: null,
    forced: null,
    verified: null,
    terminating: null,
    extensions: null,
    endAs: null,
    stuck: null,
  };
  const turned = withNotes(unit, { ...afresh, route: way.route, leaving: way.leaving, arriving: way.arriving ?? '' });
  return {
    ...turned,
    ...{ step: 'waiting', state: way.state, attempt: unit.attempt + 1, enteredAtMs: way.nowMs, deadlineAtMs: null },
    notes: withoutStepNotes(turned.notes),
  };
}
