import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LiveCluster, Series } from '@culvert/contracts';
import { extendSeries, hasFallenBehind, type Sample, sampleOf } from './extend-series.ts';
import { shownTimes } from './shown-times.ts';

const STEP_MS = 10_000;
const START = 1_700_000_000_000;

function seriesOf(...sessions: number[]): Series {
  const other = () => sessions.map(() => 0);
  return {
    ...{ window: '1h', node: null, stepMs: STEP_MS },
    at: sessions.map((_, index) => START + index * STEP_MS),
    values: { sessions, busy: other(), connections: other(), bytesInPerSecond: other(), bytesOutPerSecond: other() },
  };
}

const sample = (sessions: number): Sample => ({
  ...{ sessions, busy: 1, connections: 2 },
  ...{ bytesInPerSecond: 3, bytesOutPerSecond: null },
});

describe('a series that goes on live', () => {
  it('has the last look as its last value while the time of that lasts', () => {
    const extended = extendSeries(seriesOf(1, 2), START + STEP_MS + 4_000, sample(7));
    assert.deepEqual(extended.values.sessions, [1, 7]);
    assert.deepEqual(extended.at, [START, START + STEP_MS]);
  });

  it('then gets a new column, in each of its lines', () => {
    const { at, values } = extendSeries(seriesOf(1, 2), START + 2 * STEP_MS + 1, sample(7));
    assert.deepEqual(at.at(-1), START + 2 * STEP_MS);
    assert.deepEqual(values, {
      ...{ sessions: [1, 2, 7], busy: [0, 0, 1], connections: [0, 0, 2] },
      ...{ bytesInPerSecond: [0, 0, 3], bytesOutPerSecond: [0, 0, null] },
    });
  });

  it('is the same after the same look twice, and after one that is older than what it has', () => {
    const once = extendSeries(seriesOf(1, 2), START + 2 * STEP_MS + 1, sample(7));
    assert.deepEqual(extendSeries(once, START + 2 * STEP_MS + 1, sample(7)), once);
    assert.deepEqual(extendSeries(once, START, sample(9)), once);
  });

  it('keeps no more than its window, however long the page is open', () => {
    let series = seriesOf(1);
    for (let step = 1; step <= 400; step += 1) series = extendSeries(series, START + step * STEP_MS, sample(step));
    assert.equal(series.at.length, 360);
    assert.deepEqual([series.values.sessions[0], series.values.sessions.at(-1)], [41, 400]);
    assert.equal(series.values.busy.length, 360);
  });

  it('begins with a look where there was nothing', () => {
    assert.deepEqual(extendSeries(seriesOf(), START + 1, sample(4)).values.sessions, [4]);
  });

  it('is asked for anew after a pause in which nobody looked', () => {
    assert.equal(hasFallenBehind(seriesOf(1, 2), START + 2 * STEP_MS), false);
    assert.equal(hasFallenBehind(seriesOf(1, 2), START + 5 * STEP_MS), true);
  });
});

describe('a live look', () => {
  const totals = { ...{ sessions: 5, busy: 1, connections: 2 }, bytesInPerSecond: 3, bytesOutPerSecond: 4 };
  const of = (available: boolean): LiveCluster =>
    ({ registry: { available }, totals, nodes: [{ id: 'worker-1', sessions: 2 }] }) as unknown as LiveCluster;
  const cluster = of(true);

  it('is of the cluster, of one node, or of none that is there', () => {
    assert.equal(sampleOf(cluster, null)?.sessions, 5);
    assert.equal(sampleOf(cluster, 'worker-1')?.sessions, 2);
    assert.equal(sampleOf(cluster, 'worker-9'), undefined);
  });

  it('is none while the registry is away: what is told then is what was', () => {
    assert.equal(sampleOf(of(false), null), undefined);
    assert.equal(sampleOf(of(false), 'worker-1'), undefined);
  });
});

describe('the time that is shown of a series', () => {
  const minutes = (count: number, known: number): Series => {
    const column = Array.from({ length: count * 6 }, (_, index) => (index < (count - known) * 6 ? null : 1));
    const values = { sessions: column, busy: column, connections: column };
    return {
      ...{ window: '1h', node: null, stepMs: STEP_MS },
      at: column.map((_, index) => START + index * STEP_MS),
      values: { ...values, bytesInPerSecond: column.map(() => null), bytesOutPerSecond: column.map(() => null) },
    };
  };
  const length = (series: Series): number | undefined => {
    const [from, to] = shownTimes(series) ?? [];
    return from === undefined || to === undefined ? undefined : (to - from) / 60_000;
  };

  it('is all of it, once somebody looked all the time', () => {
    assert.equal(length(minutes(60, 60)), 60 - 1 / 6);
  });

  it('begins with the first look, and is ten minutes at least', () => {
    assert.equal(length(minutes(60, 20)), 20 - 1 / 6);
    assert.equal(length(minutes(60, 1)), 10);
    assert.equal(length(minutes(60, 0)), 10);
    assert.equal(length(minutes(5, 1)), 5 - 1 / 6);
    assert.equal(shownTimes(minutes(0, 0)), undefined);
  });
});
