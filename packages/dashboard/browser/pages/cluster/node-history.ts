import type { LiveNode } from '@culvert/contracts';

/** Of each node, its connections as they were told, the newest last. */
export type NodeHistory = ReadonlyMap<string, readonly number[]>;

/** Looks that are kept of each node: one a second. */
export const LOOKS = 60;

/** With one look more. Nodes that are gone are forgotten, so it holds as much as the cluster has nodes. */
export function extendHistory(
  history: NodeHistory,
  nodes: readonly Pick<LiveNode, 'id' | 'connections'>[],
): NodeHistory {
  return new Map(
    nodes.map(({ id, connections }) => [id, [...(history.get(id) ?? []).slice(1 - LOOKS), connections]] as const),
  );
}
