import { join } from 'node:path';
import type { ClusterEvent } from '@culvert/contracts';
import { readLog } from '@culvert/local';
import type { ReleaseWorld } from './release-world.ts';

/** One thing that a deployment did to the world, as those tell it to whom it was done. */
export interface DoneEffect {
  /** What it was, and to whom: two of one name are one too many. */
  readonly name: string;
}

/**
 * What happened to the nodes that a deployment touched: who was cordoned, uncordoned and drained at which stage (the
 * cluster's history, and the workers' logs), and which processes were started and ended (their own logs).
 */
export async function effectsOf(world: ReleaseWorld, deployment: string): Promise<DoneEffect[]> {
  const { nodes } = await world.api.call<{ nodes: { id: string; replacement: string | null }[] }>(
    'GET',
    `/deployments/${deployment}`,
  );
  const ids = new Set(nodes.flatMap(({ id, replacement }) => (replacement === null ? [id] : [id, replacement])));
  const history = await world.api.call<{ items: ClusterEvent[] }>(
    'GET',
    '/events?format=json&limit=500&order=desc&types=node.*',
  );
  const wishes = history.items.flatMap((event) =>
    (event.type === 'node.cordoned' || event.type === 'node.uncordoned') && ids.has(event.node)
      ? [{ name: `${event.type} ${event.node}` }]
      : [],
  );
  const told = await Promise.all(
    [...ids].map(async (id) => {
      const lines = await readLog(join(world.cluster.dataDir, 'logs', `${id}.log`));
      const mine = lines.filter(({ event, key }) => event === 'node.drain_order' && String(key).startsWith(deployment));
      const starts = lines.filter(({ event }) => event === 'node.ready').map(() => ({ name: `start of ${id}` }));
      return [...mine.map(({ key }) => ({ name: `drain order ${key}` })), ...starts];
    }),
  );
  return [...wishes, ...told.flat()];
}

/** Names of what happened more than once. */
export function repeated(effects: readonly DoneEffect[]): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { name } of effects) {
    if (seen.has(name)) twice.add(name);
    seen.add(name);
  }
  return [...twice].toSorted();
}
