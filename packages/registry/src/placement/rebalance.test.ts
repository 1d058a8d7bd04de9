import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planRebalance, type RebalanceNode } from './rebalance.ts';

const node = (id: string, sessions: number, capacity = 1_000): RebalanceNode => ({ id, sessions, capacity });

/** The sessions of each node after the plan. */
function after(nodes: readonly RebalanceNode[], options = {}): number[] {
  const counts = new Map(nodes.map(({ id, sessions }) => [id, sessions]));
  for (const { from, to, count } of planRebalance(nodes, options)) {
    counts.set(from, (counts.get(from) ?? 0) - count);
    counts.set(to, (counts.get(to) ?? 0) + count);
  }
  return [...counts.values()];
}

describe('a plan to share sessions anew', () => {
  it('fills a worker that has just come, from all others', () => {
    const nodes = [node('w1', 100), node('w2', 100), node('w3', 100), node('new', 0)];
    assert.deepEqual(planRebalance(nodes), [
      { from: 'w1', to: 'new', count: 25 },
      { from: 'w2', to: 'new', count: 25 },
      { from: 'w3', to: 'new', count: 25 },
    ]);
  });

  it('fills each in proportion to its capacity', () => {
    assert.deepEqual(after([node('small', 300, 1_000), node('big', 0, 2_000)]), [100, 200]);
  });

  it('moves nothing for a spread within the hysteresis, or of a few sessions', () => {
    assert.deepEqual(planRebalance([node('w1', 110), node('w2', 90)]), []);
    assert.deepEqual(after([node('w1', 111), node('w2', 89)]), [100, 100]);
    assert.deepEqual(after([node('w1', 110), node('w2', 90)], { hysteresis: 0.05 }), [100, 100]);
    assert.deepEqual(planRebalance([node('w1', 8), node('w2', 0)]), []);
    assert.deepEqual(after([node('w1', 10), node('w2', 0)]), [5, 5]);
  });

  it('asked again after its moves, wants none', () => {
    const nodes = [node('w1', 1_000), node('w2', 3), node('w3', 517, 2_000), node('w4', 0, 500)];
    const then = after(nodes).map((sessions, i) => ({ ...(nodes[i] ?? node('', 0)), sessions }));
    assert.notDeepEqual(then, nodes);
    assert.deepEqual(planRebalance(then), []);
  });

  it('neither loses nor makes sessions, nor fills anybody above the others', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const nodes = Array.from({ length: 2 + (seed % 9) }, (_, i) =>
        node(`w${i}`, (seed * (i + 3) * 7919) % 900, 900 + ((seed * i * 31) % 4) * 300),
      );
      const counts = after(nodes);
      const total = nodes.reduce((sum, { sessions }) => sum + sessions, 0);
      const room = nodes.reduce((sum, { capacity }) => sum + capacity, 0);
      assert.equal(
        counts.reduce((sum, count) => sum + count),
        total,
      );
      for (const [i, { id, sessions, capacity }] of nodes.entries()) {
        const count = counts[i] ?? 0;
        const part = (total * capacity) / room;
        assert.ok(count <= Math.max(sessions, part), `seed ${seed}: ${id} gets too many`);
        assert.ok(count >= Math.min(sessions, Math.floor(part)), `seed ${seed}: ${id} gives too many`);
      }
    }
  });

  it('there is none without workers', () => {
    assert.deepEqual(planRebalance([]), []);
    assert.deepEqual(planRebalance([node('w1', 50)]), []);
  });
});
