import type { Deployment, DeploymentNode } from '@culvert/contracts';

export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** `2.1.0 for 4 workers of pool default, rolling, move`; a rehearsal names its node. */
export function aimOf({ kind, version, role, pool, strategy, policy, nodes, request }: Deployment): string {
  if (kind === 'rehearsal') {
    const where = nodes[0]?.id ?? request.node;
    return `rehearsal on ${where ?? `a worker of pool ${pool}`}`;
  }
  // Not known before the preflight.
  const whom = nodes.length === 0 ? `the ${role}s` : counted(nodes.length, role);
  return `${version} for ${whom} of pool ${pool}, ${strategy}, ${policy}`;
}

/** `2 done, 1 running, 1 waiting`. */
export function tally(nodes: readonly DeploymentNode[]): string {
  const counts = new Map<string, number>();
  for (const { state } of nodes) counts.set(state, (counts.get(state) ?? 0) + 1);
  const order = ['done', 'rolled_back', 'running', 'rolling_back', 'failed', 'skipped', 'waiting'];
  const said = order.flatMap((state) => (counts.has(state) ? [`${counts.get(state)} ${stateWords(state)}`] : []));
  return said.join(', ');
}

/** `rolling back`, where a state stands in a sentence. */
export function stateWords(state: string): string {
  return state.replaceAll('_', ' ');
}

/** How to look at it again, or go on. */
export function joinWith({ id }: Pick<Deployment, 'id'>): string {
  return `culvert deploy watch ${id}`;
}
