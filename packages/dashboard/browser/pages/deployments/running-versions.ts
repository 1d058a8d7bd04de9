import type { LiveNode } from '@culvert/contracts';

export interface RunningVersion {
  readonly role: string;
  readonly pool: string;
  readonly version: string;
  readonly nodes: readonly LiveNode[];
  readonly sessions: number;
}

const ROLES = ['worker', 'gateway', 'api', 'deployer'];

/** Live nodes by role, pool and version; workers first. A node that is dead runs nothing. */
export function runningVersions(nodes: readonly LiveNode[]): RunningVersion[] {
  const groups = Object.groupBy(
    nodes.filter(({ state }) => state !== 'dead'),
    ({ role, pool, version }) => [ROLES.indexOf(role), role, pool, version].join('\n'),
  );
  return Object.keys(groups)
    .sort()
    .map((key) => {
      const [, role = '', pool = '', version = ''] = key.split('\n');
      const members = (groups[key] ?? []).toSorted((a, b) => (a.id < b.id ? -1 : 1));
      return { role, pool, version, nodes: members, sessions: members.reduce((sum, node) => sum + node.sessions, 0) };
    });
}
