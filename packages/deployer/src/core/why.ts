import type { DeploymentReason, DeploymentWhy } from '@culvert/contracts';
import { concluded, isHeld, isOver } from './ending.ts';
import type { CoreState } from './types.ts';
import { isFinished } from './unit.ts';

const MAX_REASONS = 50;

/** Why it is not over yet: there is always something that it waits for. */
export function whyOf(state: CoreState, unmet: readonly DeploymentReason[], nowMs: number): DeploymentWhy {
  const at = new Date(nowMs).toISOString();
  if (isOver(state)) {
    const { reason } = concluded(state);
    return { id: state.id, state: state.state, at, summary: `It is over: ${reason ?? state.state}.`, reasons: [] };
  }
  const stopped = state.state === 'paused' ? [paused(state)] : [];
  const found = [...stopped, ...unmet];
  const reasons = (found.length > 0 ? found : [moving(state)]).slice(0, MAX_REASONS);
  return { id: state.id, state: state.state, at, summary: summaryOf(reasons), reasons };
}

function paused(state: CoreState): DeploymentReason {
  const { reason, notes, units } = state;
  const held = isHeld(state);
  const stuck = units.find((unit) => unit.notes.stuck === true);
  return {
    ...{ node: stuck?.old.id ?? null, step: stuck?.step ?? null },
    ...{
      code: notes.restoredSeen === true ? 'restored' : held ? 'held' : 'paused',
      condition: reason ?? 'it is paused',
    },
    ...{ endsWhen: held ? 'promote' : 'resume, abort or rollback', holders: [], held: 0 },
  };
}

function moving({ units }: CoreState): DeploymentReason {
  const done = units.filter(isFinished).length;
  return {
    ...{ node: null, step: null, code: 'in_progress', condition: `${done} of ${units.length} nodes are done` },
    ...{ endsWhen: 'the next step begins, in a moment', holders: [], held: 0 },
  };
}

function summaryOf(reasons: readonly DeploymentReason[]): string {
  const [first, ...others] = reasons;
  if (first === undefined) return 'Nothing is waited for.';
  const text = first.condition.charAt(0).toUpperCase() + first.condition.slice(1);
  return others.length === 0 ? `${text}.` : `${text}; and ${others.length} more.`;
}
