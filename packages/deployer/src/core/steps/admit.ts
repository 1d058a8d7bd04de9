import { effectKey } from '../ids.ts';
import { routeOfUnit, wasCordoned, wasLaunched } from '../unit.ts';
import { aliveNode } from '../world.ts';
import { disbelief } from './beliefs.ts';
import { BELIEF_LIMIT_MS } from './cordon.ts';
import { keyOf, type Look, ok, refused, type Seen, type StepRule, waiting } from './step.ts';

/** An API may think of new sessions as before for so long after the share was set, ms. */
export const ROLLOUT_SETTLES_MS = 1_500;

/** It takes sessions (again), and everyone who could send it one has said that they know. */
export const admit: StepRule = { limitMs: () => BELIEF_LIMIT_MS, atLimit: 'pause', look };

function look(at: Look): Seen {
  const { subject, observation, unit, state } = at;
  const isOurs = wasLaunched(unit, subject);
  if (state.request.role !== 'worker') return ok('it takes what comes as long as it runs');
  if (!isOurs && !wasCordoned(unit, subject)) return ok('it takes sessions as before');
  if (!isOurs && unit.notes.cordonedBefore === true) return ok('it stays cordoned, as it was before');
  if (!isOurs && aliveNode(observation, subject) === undefined && routeOfUnit(unit) === 'leave') {
    return ok(`${subject} is not there any more`);
  }
  const isCanary = routeOfUnit(unit) === 'canary';
  const sharedAt = unit.notes['step.sharedAtMs'];
  if (isCanary && (typeof sharedAt !== 'number' || at.nowMs - sharedAt < ROLLOUT_SETTLES_MS)) {
    const unmet = {
      code: 'rollout',
      condition: 'the share of new sessions for the canary is being set',
      endsWhen: 'the APIs have taken it up',
    };
    return waiting(unmet, { notes: typeof sharedAt === 'number' ? {} : { 'step.sharedAtMs': at.nowMs } });
  }

  const key = keyOf(at);
  const no = refused(at, key, `${subject} could not be uncordoned`);
  if (no !== undefined) return no;
  const node = aliveNode(observation, subject);
  if (node !== undefined && !node.cordoned && node.state === 'ready') {
    const doubt = disbelief(at, false);
    if (doubt !== undefined) return waiting(doubt);
    const notes = { [`admitted:${subject}`]: true, [`cordoned:${subject}`]: null };
    return ok(`${subject} takes new sessions`, {}, notes);
  }
  const unmet = {
    code: 'admit',
    condition: `${subject} does not take sessions yet: it is ${node?.state ?? 'not there'}`,
    endsWhen: 'it is uncordoned and ready',
  };
  const effects = [{ kind: 'cordon' as const, key: effectKey(state, unit, 'admit'), node: subject, on: false }];
  return waiting(unmet, { effects, notes: isOurs ? { [`admitted:${subject}`]: true } : {} });
}
