import type { NodeView } from '@culvert/registry';
import type { ProvidedNode } from '../providers/provider.ts';
import type { Observation, Unit } from './types.ts';

/**
 * How long a node has to be missing before it counts as dead, ms. Redis that was away for a while finds all leases lapsed
 * when it comes back, until the next beats (2 s) arrive.
 */
export const DEATH_MS = 3_000;

export const nodeOf = (observation: Observation, id: string): NodeView | undefined =>
  observation.nodes.find((node) => node.id === id);

export function aliveNode(observation: Observation, id: string): NodeView | undefined {
  const node = nodeOf(observation, id);
  return node === undefined || node.state === 'dead' ? undefined : node;
}

/** `unknown`: the provider could not be asked. */
export function providedNode(observation: Observation, id: string): ProvidedNode | undefined | 'unknown' {
  const { provided } = observation;
  return 'error' in provided ? 'unknown' : provided.find((node) => node.id === id);
}

/** The end of a node's process, in words, if its provider has seen it. */
export function exitOf(observation: Observation, id: string): string | null {
  const provided = providedNode(observation, id);
  if (provided === undefined || provided === 'unknown' || provided.state !== 'exited') return null;
  return provided.exit ?? 'it exited';
}

/** Notes since when each node of the unit is not seen. */
export function noteMissing(unit: Unit, observation: Observation, nowMs: number): Unit['notes'] {
  const ids = new Set([unit.old.id, unit.replacement, unit.notes.leaving, unit.notes.arriving]);
  const notes: Record<string, string | number | boolean> = { ...unit.notes };
  for (const id of ids) {
    if (typeof id !== 'string' || id === '') continue;
    if (aliveNode(observation, id) !== undefined) delete notes[`gone:${id}`];
    else notes[`gone:${id}`] ??= nowMs;
  }
  return notes;
}

/** Dead for good: its lease ended a while ago, or it ended and its provider has seen that. */
export function hasDied(unit: Unit, id: string, observation: Observation, nowMs: number): boolean {
  const since = unit.notes[`gone:${id}`];
  if (typeof since !== 'number' || aliveNode(observation, id) !== undefined) return false;
  return nowMs - since >= DEATH_MS || exitOf(observation, id) !== null;
}
