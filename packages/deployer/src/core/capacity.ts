import type { NodeView } from '@culvert/registry';
import type { Observation, Unit } from './types.ts';
import { nodeOf } from './world.ts';

const nodesOf = (units: readonly Unit[], observation: Observation): NodeView[] =>
  units.flatMap(({ old }) => nodeOf(observation, old.id) ?? []);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** Room for more sessions on these nodes, or on as many new ones of their size; negative: it is short by so many. */
export function roomFor(units: readonly Unit[], observation: Observation): number {
  return sum(nodesOf(units, observation).map(({ capacity, sessions }) => capacity - sessions));
}

/** The same, should the new nodes fail while the largest old ones are drained. */
export function roomWithoutNew(units: readonly Unit[], observation: Observation, drains: number): number {
  const capacities = nodesOf(units, observation).map(({ capacity }) => capacity);
  return roomFor(units, observation) - sum(capacities.toSorted((a, b) => b - a).slice(0, drains));
}

/** A rehearsal brings no new node: room on the others for what its node has; -Infinity: there are no others. */
export function roomElsewhere(units: readonly Unit[], observation: Observation): number {
  const [node] = nodesOf(units, observation);
  const others = observation.nodes.filter(
    ({ id, role, pool, state, cordoned }) =>
      role === 'worker' && pool === node?.pool && state === 'ready' && !cordoned && id !== node.id,
  );
  if (others.length === 0) return Number.NEGATIVE_INFINITY;
  return sum(others.map(({ capacity, sessions }) => capacity - sessions)) - (node?.sessions ?? 0);
}
