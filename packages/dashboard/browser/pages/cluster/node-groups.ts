import type { LiveNode } from '@culvert/contracts';

/** Nodes of one role and pool. */
export interface NodeGroup {
  readonly key: string;
  readonly role: LiveNode['role'];
  readonly pool: string;
  /** By name, so that nothing moves when something changes; `worker-2` before `worker-10`. */
  readonly nodes: readonly LiveNode[];
  /** Those that run side by side, the commonest first. */
  readonly versions: readonly { readonly version: string; readonly nodes: number }[];
}

/** What carries connections comes first. */
const ROLES: readonly LiveNode['role'][] = ['worker', 'gateway', 'api', 'deployer'];
const DEFAULT_POOL = 'default';

const byName = new Intl.Collator('en', { numeric: true }).compare;

export function groupNodes(nodes: readonly LiveNode[]): readonly NodeGroup[] {
  const groups = Map.groupBy(nodes, ({ role, pool }) => `${role}/${pool}`);
  return [...groups]
    .map(([key, members]) => groupOf(key, members))
    .filter((group) => group !== undefined)
    .sort((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role) || byPool(a.pool, b.pool));
}

function groupOf(key: string, members: readonly LiveNode[]): NodeGroup | undefined {
  const first = members[0];
  if (first === undefined) return undefined;
  const nodes = members.toSorted((a, b) => byName(a.id, b.id) || byName(a.boot, b.boot));
  return { key, role: first.role, pool: first.pool, nodes, versions: versionsOf(nodes) };
}

function byPool(a: string, b: string): number {
  return Number(b === DEFAULT_POOL) - Number(a === DEFAULT_POOL) || byName(a, b);
}

/** The commonest first; of equally many the one that sorts first, so that they do not change places. */
export function versionsOf(nodes: readonly LiveNode[]): NodeGroup['versions'] {
  return [...Map.groupBy(nodes, ({ version }) => version)]
    .map(([version, members]) => ({ version, nodes: members.length }))
    .sort((a, b) => b.nodes - a.nodes || byName(a.version, b.version));
}

/** `Workers`, `Workers of the pool gpu`. */
export function titleOf({ role, pool }: Pick<NodeGroup, 'role' | 'pool'>): string {
  const words = { worker: 'Workers', gateway: 'Gateways', api: 'APIs', deployer: 'Deploy workers' } as const;
  return pool === DEFAULT_POOL ? words[role] : `${words[role]} of the pool ${pool}`;
}
