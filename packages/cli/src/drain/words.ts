import { CulvertError } from '@culvert/base';
import type { Blocker, ClusterNode, DrainPolicy } from '@culvert/contracts';
import { ago, orDash, paintState, table } from '../output.ts';
import type { DrainEnd, DrainState } from './follow.ts';

/** Blockers that one line names. */
const NAMED = 3;

export function beginning({ id, sessions }: ClusterNode, policy: DrainPolicy): string {
  const count = counted(sessions, 'session');
  const what =
    policy === 'move'
      ? `moving ${count} to other workers, connections and all`
      : `${count} to go, each when its last connection has ended`;
  return `${id} takes no new sessions; ${what}\n`;
}

/** One line: what is left, and what it waits for. */
export function progress({ node, blockers }: DrainState): string {
  const named = blockers.slice(0, NAMED).map(nameOf).join(', ');
  const more = blockers.length > NAMED ? ` and ${blockers.length - NAMED} more` : '';
  const waits = named === '' ? '' : `; waits for ${named}${more}`;
  return `${node.id} is ${paintState(node.state)}: ${left(node)}${waits}\n`;
}

export function blockerTable(blockers: readonly Blocker[]): string {
  return table(
    blockers,
    [
      { title: 'SESSION', value: ({ session }) => session },
      { title: 'NAME', value: ({ name }) => orDash(name) },
      { title: 'TENANT', value: ({ tenant }) => tenant },
      { title: 'CONNECTION', value: ({ connection }) => orDash(connection) },
      { title: 'TARGET', value: ({ target }) => orDash(target) },
      { title: 'REASON', value: ({ reason }) => reason },
      { title: 'SINCE', value: ({ since }) => ago(since) },
      { title: 'WAITS FOR', value: ({ detail }) => detail },
    ],
    'Nothing keeps it from being empty.',
  );
}

/** Why a drain that was followed did not end with an empty worker. `given`: how long it was followed. */
export function failureOf({ outcome, node, failure }: DrainEnd, given: string): CulvertError {
  const { id } = node;
  switch (outcome) {
    case 'uncordoned':
      return new CulvertError('cancelled', `${id} was uncordoned, which ends its drain`);
    case 'dead':
      return new CulvertError('node_unreachable', `${id} died before it was empty`, {
        fix: 'Nothing is needed: its sessions go to other workers by themselves.',
      });
    case 'left':
      return new CulvertError('node_not_found', `${id} stopped before it was seen empty`);
    case 'restarted':
      return new CulvertError('cancelled', `${id} was started anew, and does not drain`, {
        fix: `It is still cordoned. Drain it again, or \`culvert nodes uncordon ${id}\`.`,
      });
    default:
      return new CulvertError('timeout', `${id} is not empty after ${given}: ${left(node)}${unseen(failure)}`, {
        fix: `The drain goes on: \`culvert nodes blockers ${id}\` shows it, \`culvert nodes uncordon ${id}\` ends it.`,
      });
  }
}

function nameOf({ name, session, target, reason }: Blocker): string {
  return `${name ?? session}${target === null ? '' : ` → ${target}`} (${reason})`;
}

function left({ sessions, connections }: ClusterNode): string {
  return `${counted(sessions, 'session')} and ${counted(connections, 'connection')} left`;
}

function unseen(failure: CulvertError | undefined): string {
  return failure === undefined ? '' : `, as far as is known (${failure.message})`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
