import { aliveNode, exitOf } from '../world.ts';
import { failed, keyOf, type Look, ok, refused, type Seen, type StepRule, waiting } from './step.ts';

/** From its launch to its readiness, ms. */
export const PREPARE_LIMIT_MS = 60_000;

/**
 * The new node runs, is registered and says that it is ready. On the way back, too, it is like the old one: that is the one whose
 * place it takes, though it is gone.
 */
export const prepare: StepRule = { limitMs: () => PREPARE_LIMIT_MS, atLimit: 'fail', look };

function look(at: Look): Seen {
  const { state, unit, subject, observation } = at;
  const key = keyOf(at);
  const no = refused(at, key, 'the provider could not launch it');
  if (no?.is === 'stuck') return failed(no.unmet.condition);
  const exit = exitOf(observation, subject);
  if (exit !== null) return failed(`${subject} ended before it was ready: ${exit}`);

  const node = aliveNode(observation, subject);
  const health = observation.health[subject];
  if (node !== undefined && (node.state === 'ready' || node.state === 'cordoned') && health?.ready === true) {
    return ok(`${subject} is ready`, { boot: node.boot, version: node.version });
  }
  const why = health === undefined || health.unreachable ? 'it does not answer yet' : health.reasons.join(', ');
  return waiting(
    {
      code: 'not_ready',
      condition: `${subject} is not ready: ${node === undefined ? 'it is not registered yet' : why || node.state}`,
      endsWhen: 'it is registered and ready, or a minute has passed',
    },
    {
      effects: [
        {
          ...{ kind: 'launch', key, node: subject, replaces: unit.old.id },
          ...{ cordoned: state.request.role === 'worker', version: versionOf(at) },
        },
      ],
      notes: { [`launched:${subject}`]: true },
    },
  );
}

/** Of the node that comes: the new version on the way forward, the old one on the way back. */
export function versionOf({ state, unit, subject }: Look): string {
  return subject === unit.replacement ? state.request.version : unit.old.version;
}
