import type { Tick } from './tick.ts';
import type { Unit } from './types.ts';
import { hasReached, isFinished, routeOfUnit } from './unit.ts';

/**
 * Which share of the new sessions goes to the canaries. It is set at each tick for as long as it holds, and taken back at each
 * tick after that: nothing that is observed shows it, and a Redis that was lost has forgotten it.
 */
export function setRollout(tick: Tick): void {
  const { id, request, notes } = tick.state;
  if (request.strategy !== 'canary' || request.kind !== 'release' || request.role !== 'worker') return;
  const canaries = tick.units.filter(({ wave, replacement }) => wave === 1 && replacement !== null);
  if (notes.mode === undefined && canaries.some(isWatched)) {
    const rollout = {
      ...{ deployment: id, pool: request.pool, nodes: canaries.map(({ replacement }) => replacement ?? '') },
      ...{ percent: request.canary?.percent ?? 0, tenants: request.canary?.tenants ?? [] },
    };
    tick.effects.push({ kind: 'rollout', key: `${id}/-/rollout/1`, rollout });
    tick.note({ rollout: true });
  } else if (notes.rollout === true) {
    tick.effects.push({ kind: 'rollout', key: `${id}/-/rollout/2`, rollout: null });
  }
}

const isWatched = (unit: Unit): boolean =>
  routeOfUnit(unit) === 'canary' && !isFinished(unit) && hasReached(unit, 'admit') && !hasReached(unit, 'cordon');
