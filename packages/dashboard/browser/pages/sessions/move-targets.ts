import type { LiveNode } from '@culvert/contracts';

/** Workers that may take a session from `owner`: ready ones of its pool, the emptiest first. */
export function moveTargets(nodes: readonly LiveNode[], owner: string | null): readonly LiveNode[] {
  const pool = nodes.find(({ id }) => id === owner)?.pool;
  return nodes
    .filter((node) => node.role === 'worker' && node.state === 'ready' && node.id !== owner && node.pool === pool)
    .sort((a, b) => a.sessions - b.sessions || a.id.localeCompare(b.id));
}
