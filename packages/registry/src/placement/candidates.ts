import type { NodeView } from '../types.ts';
import { MAX_CANDIDATES } from './reserve.ts';

/** A worker with an address for agents. */
export type Placeable = NodeView & { readonly link: string };

/** Workers of the pool that take sessions, full ones included. */
export function readyWorkers(nodes: readonly NodeView[], pool: string): Placeable[] {
  const isReady = (node: NodeView): node is Placeable =>
    node.role === 'worker' && node.state === 'ready' && node.pool === pool && node.link !== undefined;
  return nodes.filter(isReady);
}

/** As far as it said with its last beat. */
export function hasRoom(node: NodeView): boolean {
  return node.sessions < node.capacity;
}

/**
 * Whom to ask for, one round after the other until there is a place.
 *
 * First the preferred one alone: whoever drains another worker has counted its room, and spreads the sessions over the
 * targets. Then two picked at random: the emptier of two is nearly as even as the emptiest of all, and many API processes
 * that see the same old loads don't all pick the same one (Mitzenmacher, "The Power of Two Choices"). At last the emptiest
 * of all others.
 */
export function* rounds(
  workers: readonly Placeable[],
  prefer: string | undefined,
  random: () => number,
): Generator<readonly Placeable[], void, void> {
  const preferred = workers.filter(({ id }) => id === prefer);
  if (preferred.length > 0) yield preferred;
  const others = workers.filter(({ id }) => id !== prefer);
  const two = [...takeAny(others, random), ...takeAny(others, random)];
  if (two.length > 0) yield two;
  const rest = shuffled(others, random).sort((a, b) => fill(a) - fill(b));
  if (rest.length > 0) yield rest.slice(0, MAX_CANDIDATES);
}

/** One or none, which `items` has no more then. */
function takeAny<T>(items: T[], random: () => number): T[] {
  return items.splice(Math.floor(random() * items.length), 1);
}

/** Equal loads must not put everybody at the same eight workers. */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const left = [...items];
  const result: T[] = [];
  while (left.length > 0) result.push(...takeAny(left, random));
  return result;
}

function fill(node: NodeView): number {
  return node.sessions / node.capacity;
}
