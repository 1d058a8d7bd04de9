import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { niceAbove, plotStorm } from './storm-plot.ts';
import { bucketed, quantile, seriesOf } from './storm-series.ts';

const SETUP = { workers: 4, dead: 1, base: 10 };

describe('the series of a storm', () => {
  it('joins the crowds by time: claims, the most of one worker, and the load of those that live', () => {
    const series = seriesOf(
      [
        { claimTimes: [10, 250], claimWorkers: [1, 2] },
        { claimTimes: [20, 30, 99], claimWorkers: [1, 1, 3] },
      ],
      SETUP,
    );
    assert.deepEqual(series.claims, [4, 0, 1]);
    assert.equal(series.peakOfOne, 3);
    assert.deepEqual(series.times, [10, 20, 30, 99, 250]);
    assert.deepEqual(
      series.load.map(({ least, most }) => [least, most]),
      [
        [10, 13],
        [10, 13],
        [11, 13],
      ],
    );
    assert.equal(series.load[0]?.mean, 34 / 3);
  });

  it('a claim by a worker that is dead by then changes no load of the living', () => {
    const { load } = seriesOf([{ claimTimes: [5], claimWorkers: [0] }], SETUP);
    assert.deepEqual(load, [{ least: 10, mean: 10, most: 10 }]);
  });

  it('counts events by their bucket, empty ones included', () => {
    assert.deepEqual(bucketed([0, 99, 300]), [2, 0, 0, 1]);
  });

  it('tells quantiles of rising values', () => {
    const values = Array.from({ length: 100 }, (_, i) => i);
    assert.deepEqual([quantile(values, 0.5), quantile(values, 0.99), quantile(values, 1)], [50, 99, 99]);
  });
});

describe('the plot of a storm', () => {
  it('has ticks that are read easily', () => {
    assert.deepEqual([0.3, 1, 3, 11, 180, 4_999].map(niceAbove), [0.5, 1, 5, 20, 200, 5_000]);
  });

  it('draws each bucket within its panel, with numbers only, for light and dark pages', () => {
    const series = seriesOf(
      [
        {
          claimTimes: Array.from({ length: 500 }, (_, i) => i * 7),
          claimWorkers: Array.from({ length: 500 }, (_, i) => 1 + (i % 3)),
        },
      ],
      SETUP,
    );
    const svg = plotStorm(series, 'a storm');
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
    assert.match(svg, /prefers-color-scheme: dark/);
    const [, bars = ''] = /class="bar" d="([^"]+)"/.exec(svg) ?? [];
    const tops = [...bars.matchAll(/V([\d.]+)H/g)].map(([, top]) => Number(top));
    assert.equal(tops.length, series.claims.length);
    assert.ok(Math.min(...tops) >= 58 && Math.max(...tops) <= 208, bars);
  });

  it('does not draw nothing', () => {
    assert.throws(() => plotStorm(seriesOf([], SETUP), 'calm'), RangeError);
  });
});
