import { CulvertError } from '@culvert/base';
import type { ChaosFault, ChaosTarget } from '@culvert/contracts';
import type { NodeView } from '@culvert/registry';

/** Mulberry32: numbers from 0 up to 1, the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function targetOf(fault: ChaosFault): ChaosTarget | undefined {
  return fault.type === 'restart_redis' ? undefined : fault.target;
}

/**
 * The nodes that a fault is for, by seed and number of the step. With a share it is at least one, and never all of several:
 * what nobody is left to take over is no rehearsal. @throws CulvertError node_not_found, invalid_request
 */
export function chooseNodes(target: ChaosTarget, nodes: readonly NodeView[], random: () => number): NodeView[] {
  const live = nodes.filter(({ state }) => state !== 'dead');
  if ('node' in target) {
    const node = live.find(({ id }) => id === target.node);
    if (node) return [node];
    throw new CulvertError('node_not_found', `There is no live node ${target.node}.`);
  }
  const { role, percent } = target;
  const candidates = live.filter((node) => node.role === role).sort((one, other) => (one.id < other.id ? -1 : 1));
  if (candidates.length === 0) throw new CulvertError('node_not_found', `There is no live ${role}.`);
  const share = percent === undefined ? 1 : Math.round((candidates.length * percent) / 100);
  const count = Math.min(Math.max(1, share), Math.max(1, candidates.length - 1));
  const chosen: NodeView[] = [];
  while (chosen.length < count) chosen.push(...candidates.splice(Math.floor(random() * candidates.length), 1));
  return chosen;
}
