import type { LiveNode } from '@culvert/contracts';

export type NodeVerb = 'cordon' | 'drain' | 'uncordon';

export interface NodeAction {
  readonly verb: NodeVerb;
  /** Why it would do nothing, or fail, now; null: it can be done. */
  readonly whyNot: string | null;
}

/** What an operator can do with a node, in the order in which it is usually done. Only workers hold sessions. */
export function actionsOf({
  role,
  state,
  cordoned,
}: Pick<LiveNode, 'role' | 'state' | 'cordoned'>): readonly NodeAction[] {
  if (role !== 'worker') return [];
  if (state === 'dead') return [{ verb: 'drain', whyNot: 'It is dead: its sessions go elsewhere by themselves.' }];
  const turn: NodeAction = { verb: cordoned ? 'uncordon' : 'cordon', whyNot: null };
  return [turn, { verb: 'drain', whyNot: whyNoDrain(state) }];
}

function whyNoDrain(state: string): string | null {
  if (state === 'draining') return 'It is being drained already.';
  if (state === 'empty') return 'It is empty already: it can be ended.';
  if (state === 'booting') return 'It is still starting: it has no sessions yet.';
  return null;
}
