import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '@culvert/mux/testing';
import { Histogram } from './histogram.ts';

/** Nearest rank, of all values. */
function exact(values: readonly number[], percent: number): number {
  return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil((percent / 100) * values.length - 1e-9) - 1)] ?? 0;
}

describe('Histogram', () => {
  it('tells any percentile of any spread of values to 0.4 %', () => {
    const random = new Random(7);
    const spreads = [
      () => random.next() * 50,
      () => 10 ** (random.next() * 6),
      () => 0.001 + random.next() ** 8 * 60_000,
    ];
    for (const spread of spreads) {
      const histogram = new Histogram();
      const values = Array.from({ length: 5_000 }, spread);
      for (const value of values) histogram.add(value);
      for (const percent of [0, 1, 25, 50, 90, 95, 99, 99.9, 100]) {
        const want = exact(values, percent);
        const off = Math.abs(histogram.percentile(percent) - want);
        assert.ok(
          off <= Math.max(0.0005, want * 0.004),
          `p(${percent}): ${histogram.percentile(percent)}, not ${want}`,
        );
      }
    }
  });

  it('has sum, least and most exactly, and never tells a percentile beyond them', () => {
    const histogram = new Histogram();
    for (const value of [3.21779, 1_000.77, 12]) histogram.add(value);
    assert.deepEqual([histogram.count, histogram.min, histogram.max], [3, 3.21779, 1_000.77]);
    assert.ok(Math.abs(histogram.mean - 1_015.98779 / 3) < 1e-9);
    assert.equal(histogram.percentile(100), 1_000.77);
    assert.equal(histogram.percentile(0), 3.21779);
  });

  it('tells values that are far apart from one another, and counts those beyond its range', () => {
    const histogram = new Histogram();
    for (const value of [0, 0.001, 1e12]) histogram.add(value);
    assert.equal(histogram.percentile(1), 0);
    assert.equal(histogram.percentile(50), 0.001);
    assert.equal(histogram.max, 1e12);
    assert.throws(() => histogram.add(Number.NaN), RangeError);
  });

  it('is empty again after clear', () => {
    const histogram = new Histogram();
    histogram.add(5);
    histogram.clear();
    assert.deepEqual([histogram.count, histogram.percentile(50), histogram.mean, histogram.max], [0, 0, 0, 0]);
    histogram.add(2);
    assert.equal(histogram.percentile(99), 2);
  });
});
