import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SloStanding } from '@culvert/contracts';
import { budgetLeft, budgetTone, budgetWords, burn, burnTone, classed, share, totalWords } from './slo-words.ts';

const standing = (allowed: number, spent: number, remaining: number | null): SloStanding => ({
  ...{ good: 0, total: 100_000, attainment: null, met: null, burnRates: [], alert: null },
  budget: { allowed, spent, remaining },
});

describe('objectives in words', () => {
  it('say how much of a budget is left, and what that is', () => {
    const words = (...numbers: [number, number, number | null]) =>
      budgetWords('connection_success', standing(...numbers));
    assert.equal(words(100, 50, 0.5), '50 % of the budget left: 50 of 100 allowed');
    assert.equal(words(0.826, 0, 1), '100 % of the budget left: 0 of less than 1 allowed');
    assert.equal(words(100, 250, -1.5), 'overspent: 250 of 100 allowed, 2.5 times the budget');
    assert.equal(words(0, 0, null), 'no data');
    assert.equal(
      budgetWords('session_availability', standing(60_000, 30_000, 0.5)),
      '50 % of the budget left: 30 s of 1 min allowed',
    );
    assert.equal(totalWords('setup', standing(1, 0, 1)), 'of 100\u202f000 connections');
  });

  it('fill a bar no further than it goes', () => {
    const left = (remaining: number | null) => budgetLeft(standing(1, 0, remaining));
    assert.deepEqual([left(0.4), left(-3), left(1), left(null)], [0.4, 0, 1, 0]);
    const tone = (remaining: number | null) => budgetTone(standing(1, 0, remaining));
    assert.deepEqual([tone(0.9), tone(0.1), tone(0), tone(-1), tone(null)], ['good', 'warn', 'bad', 'bad', 'neutral']);
  });

  it('never call all what is not all', () => {
    assert.deepEqual(
      [1, 0.9999999, 0.9999, 0.29, null].map((value) => share(value)),
      ['100 %', '99.9999 %', '99.99 %', '29 %', 'no data'],
    );
  });

  it('tell how fast a budget burns', () => {
    assert.deepEqual([0, 0.44, 14.4, 1000, null].map(burn), ['0.0×', '0.4×', '14×', '1\u202f000×', 'no data']);
    assert.deepEqual([0.5, 1, 14, null].map(burnTone), ['neutral', 'warn', 'bad', 'neutral']);
  });

  it('tell a percentile with the bounds of its class', () => {
    assert.equal(classed({ ms: 42, fromMs: 20, toMs: 50 }), '42 ms (20 ms to 50 ms)');
    assert.equal(classed({ ms: 9_000, fromMs: 5_000, toMs: null }), 'over 5.0 s');
  });
});
