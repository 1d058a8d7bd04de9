import { wasCordoned } from '../unit.ts';
import { aliveNode } from '../world.ts';
import { disbelief } from './beliefs.ts';
import { keyOf, type Look, ok, refused, type Seen, type StepRule, waiting } from './step.ts';

/** For all gateways and APIs to hear of it, ms. */
export const BELIEF_LIMIT_MS = 30_000;

/** It takes no new sessions, and everyone who could send it one has said that they know. */
export const cordon: StepRule = { limitMs: () => BELIEF_LIMIT_MS, atLimit: 'pause', look };

function look(at: Look): Seen {
  const { subject, observation, unit } = at;
  const key = keyOf(at);
  const no = refused(at, key, `${subject} could not be cordoned`);
  if (no !== undefined) return no;
  const isCordoned = aliveNode(observation, subject)?.cordoned === true;
  if (isCordoned && wasCordoned(unit, subject)) {
    const doubt = disbelief(at, true);
    if (doubt === undefined) {
      return ok('every live gateway and API knows it', { acknowledged: observation.beliefs[subject]?.length ?? 0 });
    }
    return waiting(doubt);
  }
  const unmet = {
    code: 'cordon',
    condition: `${subject} is not cordoned yet`,
    endsWhen: 'the registry says that it is',
  };
  const effects = [{ kind: 'cordon' as const, key, node: subject, on: true }];
  return waiting(unmet, { effects, notes: { [`cordoned:${subject}`]: true } });
}
