import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isProbed, planRound } from './plan.ts';
import { gatewayOf, workerOf } from './testing/nodes.ts';

const pairsOf = (gateways: number, workers: number, number: number): string[] => {
  const nodes = [
    ...Array.from({ length: gateways }, (_, i) => gatewayOf(`g${i}`)),
    ...Array.from({ length: workers }, (_, i) => workerOf(`w${i}`)),
  ];
  return planRound(nodes, number).ways.map(({ gateway, worker }) => `${gateway?.id ?? 'direct'} ${worker.id}`);
};

describe('the plan of a round of probes', () => {
  for (const [gateways, workers] of [
    [1, 3],
    [2, 4],
    [4, 2],
    [3, 3],
    [5, 3],
  ] as const) {
    it(`has every one of ${gateways} gateways and ${workers} workers, and all pairs in ${workers} rounds`, () => {
      const seen = new Set<string>();
      for (let number = 0; number < workers; number += 1) {
        const pairs = pairsOf(gateways, workers, number);
        assert.equal(pairs.length, workers + Math.max(gateways, workers));
        for (let i = 0; i < gateways; i += 1)
          assert.ok(
            pairs.some((pair) => pair.startsWith(`g${i} `)),
            `g${i}`,
          );
        for (let i = 0; i < workers; i += 1) assert.equal(pairs.filter((pair) => pair === `direct w${i}`).length, 1);
        for (let i = 0; i < workers; i += 1)
          assert.ok(pairs.some((pair) => /^g\d/.test(pair) && pair.endsWith(`w${i}`)));
        for (const pair of pairs) seen.add(pair);
      }
      assert.equal(seen.size, workers + gateways * workers);
    });
  }

  it('leaves alone who is to take nothing new, is on its way out, or cannot be reached', () => {
    const nodes = [
      workerOf('a', { cordoned: true }),
      workerOf('b', { state: 'draining' }),
      workerOf('c', { state: 'dead' }),
      workerOf('d', { state: 'booting' }),
      gatewayOf('e', { state: 'draining' }),
      { ...gatewayOf('f'), role: 'api' as const },
    ];
    assert.deepEqual(nodes.filter(isProbed), []);
    assert.deepEqual(planRound(nodes, 0), { workers: [], ways: [] });
    assert.ok(isProbed(workerOf('g', { state: 'suspect' })), 'what it has, it has to serve');
  });

  it('without a gateway still tries the workers', () => {
    assert.deepEqual(pairsOf(0, 2, 7), ['direct w0', 'direct w1']);
    assert.deepEqual(pairsOf(2, 0, 7), []);
  });
});
