/** What a plan needs to know of a ready worker of the pool. */
export interface RebalanceNode {
  readonly id: string;
  readonly sessions: number;
  readonly capacity: number;
}

/** So many sessions of one worker are to go to another one. */
export interface PoolMove {
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

export interface RebalanceOptions {
  /** A worker sheds only from this share above its part of the sessions on, 0 or more; default 0.1. */
  readonly hysteresis?: number;
}

const HYSTERESIS = 0.1;
/** Nor for fewer sessions than this: each move costs a handshake and a claim. */
const LEAST_SESSIONS = 5;

interface Side {
  readonly id: string;
  left: number;
}

/**
 * Who sheds how many sessions to whom, so that all workers of one pool are filled alike in proportion to their capacity.
 * Nothing, while no worker is more than the hysteresis above that: an even spread is not worth moving anybody for.
 */
export function planRebalance(
  nodes: readonly RebalanceNode[],
  { hysteresis = HYSTERESIS }: RebalanceOptions = {},
): PoolMove[] {
  const sessions = nodes.reduce((sum, node) => sum + node.sessions, 0);
  const capacity = nodes.reduce((sum, node) => sum + node.capacity, 0);
  if (capacity === 0) return [];
  const part = (node: RebalanceNode): number => (sessions * node.capacity) / capacity;
  const tooMany = (node: RebalanceNode): boolean =>
    node.sessions > part(node) * (1 + hysteresis) && node.sessions - part(node) >= LEAST_SESSIONS;
  const most = (sides: Side[]): Side[] => sides.filter(({ left }) => left > 0).sort((a, b) => b.left - a.left);
  const givers = most(
    nodes.filter(tooMany).map((node) => ({ id: node.id, left: Math.floor(node.sessions - part(node)) })),
  );
  const takers = most(nodes.map((node) => ({ id: node.id, left: Math.floor(part(node) - node.sessions) })));
  return match(givers, takers);
}

function match(givers: readonly Side[], takers: readonly Side[]): PoolMove[] {
  const moves: PoolMove[] = [];
  for (const giver of givers) {
    for (const taker of takers) {
      const count = Math.min(giver.left, taker.left);
      if (count === 0) continue;
      moves.push({ from: giver.id, to: taker.id, count });
      giver.left -= count;
      taker.left -= count;
    }
  }
  return moves;
}
