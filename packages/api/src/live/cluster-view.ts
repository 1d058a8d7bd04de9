import type { Deployment, LiveCluster, LiveDeployment, LiveNode, NodeHealth, RegistryStatus } from '@culvert/contracts';
import type { NodeView } from '@culvert/registry';
import { iso, toNode } from '../views.ts';
import type { ByteMarks, ByteRate } from './byte-rates.ts';
import { healthIn } from './health.ts';

export interface ClusterLook {
  /** ms since the Unix epoch. */
  readonly atMs: number;
  readonly registry: RegistryStatus;
  readonly nodes: readonly NodeView[];
  /** After this look. */
  readonly marks: ByteMarks;
  /** The one that is under way, if one is. */
  readonly deployment: Deployment | undefined;
}

/** The cluster as one look at the registry shows it. */
export function clusterOf({ atMs, registry, nodes, marks, deployment }: ClusterLook): LiveCluster {
  const health = healthIn(nodes);
  const live = nodes.map((node) => liveNode(node, marks.get(node.id)?.rate ?? null, health(node)));
  return {
    at: iso(atMs),
    registry,
    nodes: live,
    deployments: deployment === undefined ? [] : [toLiveDeployment(deployment)],
    totals: totalsOf(live),
  };
}

function liveNode(view: NodeView, rate: ByteRate | null, health: NodeHealth): LiveNode {
  const { role, sessions, busy = null } = view;
  const known = role === 'worker' && busy !== null;
  return {
    ...toNode(view),
    idle: known ? Math.max(0, sessions - busy) : null,
    busy: known ? busy : null,
    bytesInPerSecond: rate?.bytesIn ?? null,
    bytesOutPerSecond: rate?.bytesOut ?? null,
    health,
  };
}

function toLiveDeployment({ id, state, version, role, pool, nodes }: Deployment): LiveDeployment {
  const over = new Set<string>(['done', 'skipped', 'rolled_back']);
  const done = nodes.filter((node) => over.has(node.state)).length;
  return { id, state, version, role, pool, done, nodes: nodes.length };
}

/** Of workers that live: each connection passes one of them; a gateway's are the same ones again. */
function totalsOf(nodes: readonly LiveNode[]): LiveCluster['totals'] {
  const workers = nodes.filter(({ role, state }) => role === 'worker' && state !== 'dead');
  const sum = (of: (node: LiveNode) => number | null): number => workers.reduce((all, one) => all + (of(one) ?? 0), 0);
  return {
    sessions: sum((node) => node.sessions),
    busy: sum((node) => node.busy),
    connections: sum((node) => node.connections),
    bytesInPerSecond: sum((node) => node.bytesInPerSecond),
    bytesOutPerSecond: sum((node) => node.bytesOutPerSecond),
  };
}
