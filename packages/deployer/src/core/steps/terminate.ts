import { routeOfUnit, wasAdmitted, wasLaunched } from '../unit.ts';
import { aliveNode, hasDied, providedNode } from '../world.ts';
import { keyOf, type Look, ok, refused, type Seen, type StepRule, waiting } from './step.ts';
import { afresh, isOpenAgain, whatIsLeft } from './verify-empty.ts';

/** Between the polite end and the forced one, ms. */
export const GRACE_MS = 15_000;
const LIMIT_MS = 60_000;

/** It is gone: from the registry, and by its provider's word. */
export const terminate: StepRule = { limitMs: () => LIMIT_MS, atLimit: 'pause', look };

function look(at: Look): Seen {
  const { subject, observation, unit } = at;
  const wasTerminated = unit.notes.terminating === subject;
  if (!wasTerminated) {
    const stays = whyItStays(at);
    if (stays !== undefined) return stays;
  }
  const key = keyOf(at);
  const no = refused(at, key, `${subject} could not be terminated`);
  if (no !== undefined) return no;
  const provided = providedNode(observation, subject);
  const isProvided = provided === 'unknown' || (provided !== undefined && provided.state !== 'exited');
  if (wasTerminated && aliveNode(observation, subject) === undefined && !isProvided) return ok(`${subject} has ended`);
  const unmet = {
    code: 'terminating',
    condition: provided === 'unknown' ? 'the provider does not answer' : `${subject} has not ended yet`,
    endsWhen: 'its provider and the registry say that it is gone',
  };
  const effects = [{ kind: 'terminate' as const, key, node: subject, graceMs: GRACE_MS }];
  return waiting(unmet, { effects, notes: { terminating: subject } });
}

/** Nothing is ended that may still have something to do. */
function whyItStays(at: Look): Seen | undefined {
  const { unit, subject, observation, nowMs } = at;
  const isLeave = routeOfUnit(unit) === 'leave';
  if (isLeave && (subject === '' || !wasLaunched(unit, subject))) return ok('nothing was started');
  if (isLeave && wasAdmitted(unit, subject)) return ok(`${subject} has taken sessions, and stays`);
  const hasTakenNothing =
    wasLaunched(unit, subject) && !wasAdmitted(unit, subject) && at.state.request.role === 'worker';
  if (hasTakenNothing || hasDied(unit, subject, observation, nowMs) || unit.notes.forced === true) return undefined;
  if (unit.notes.verified !== true) return afresh(`${subject} was not seen empty`);
  if (isOpenAgain(at)) return afresh(`${subject} takes sessions again`);
  const left = whatIsLeft(at);
  if (left === undefined) return undefined;
  if (left.condition.endsWith('answer')) return waiting(left);
  return afresh(left.condition);
}
