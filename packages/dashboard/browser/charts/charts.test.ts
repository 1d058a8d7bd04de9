import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { levels, levelsWithin, timeLabel } from './axis.ts';
import { aloneIn, annotationsAt, annotationsIn, type ChartAnnotation, columnsOf, greatestOf } from './chart-data.ts';
import { timesOf } from './plot-input.ts';
import { sparklinePath } from './sparkline-path.ts';
import { rowsOf, summaryOf } from './summary.ts';
import { countOf, rateUnit, roundStep, shareUnit, timeUnit } from './units.ts';

const sessions = countOf('session');

describe('the y axis of a chart', () => {
  it('has round levels from 0 to above the greatest value', () => {
    assert.deepEqual(levels(1_700, sessions), [0, 500, 1_000, 1_500, 2_000]);
    assert.deepEqual(levels(0.3, shareUnit), [0, 0.1, 0.2, 0.3, 0.4]);
  });

  it('has no fractions of what is counted, and is there when all is 0', () => {
    assert.deepEqual(levels(2, sessions), [0, 1, 2, 3]);
    assert.deepEqual(levels(0, sessions), [0, 1]);
    assert.deepEqual(levels(0, rateUnit), [0, 1]);
  });

  it('leaves room above a value that is a level itself, or its line would be cut', () => {
    assert.deepEqual(levels(2_000, sessions).at(-1), 3_000);
  });

  it('divides times as clocks do', () => {
    assert.deepEqual(levels(200_000, timeUnit), [0, 60_000, 120_000, 180_000, 240_000]);
    assert.deepEqual(levels(700, timeUnit), [0, 200, 400, 600, 800]);
  });

  it('has the ends that it was told', () => {
    assert.deepEqual(levelsWithin([0.9, 1], shareUnit), [0.9, 0.95, 1]);
  });

  it('steps by 1, 2 or 5', () => {
    assert.deepEqual([0.1, 0.3, 3, 7, 11, 0].map(roundStep), [0.1, 0.5, 5, 10, 20, 1]);
  });
});

describe('the time axis of a chart', () => {
  const input = {
    ...{ series: [], annotations: [], limits: [], bounds: undefined, lit: null },
    unit: sessions,
    height: 1,
  };

  it('shows what there is, or what it was told', () => {
    assert.deepEqual(timesOf({ ...input, at: [10, 20], window: undefined }, 99), [10, 20]);
    assert.deepEqual(timesOf({ ...input, at: [10, 20], window: [0, 50] }, 99), [0, 50]);
  });

  it('is a minute wide for one value, or none', () => {
    assert.deepEqual(timesOf({ ...input, at: [90_000], window: undefined }, 99), [30_000, 90_000]);
    assert.deepEqual(timesOf({ ...input, at: [], window: undefined }, 100_000), [40_000, 100_000]);
  });

  it('has labels as fine as its lines', () => {
    const at = new Date(2026, 4, 3, 14, 5, 9).getTime();
    assert.deepEqual(
      [10_000, 60_000, 86_400_000].map((step) => timeLabel(at, step)),
      ['14:05:09', '14:05', '3 May'],
    );
  });
});

describe('the columns of a chart', () => {
  it('are as long as the times, with gaps for what is not a number', () => {
    const series = [
      { label: 'short', values: [1] },
      { label: 'odd', values: [Number.NaN, null, 3, 4] },
    ];
    assert.deepEqual(columnsOf([10, 20, 30], series), [
      [10, 20, 30],
      [1, null, null],
      [null, null, 3],
    ]);
  });

  it('tell which values stand alone between gaps', () => {
    assert.deepEqual(aloneIn([1, null, 2, 3, null, Number.NaN, 4]), [0, 6]);
    assert.deepEqual(aloneIn([5]), [0]);
    assert.deepEqual(aloneIn([]), []);
  });

  it('have a greatest value, limits included', () => {
    assert.equal(
      greatestOf([{ label: 'a', values: [null, 3, Number.POSITIVE_INFINITY] }], [{ label: 'l', value: 7 }]),
      7,
    );
    assert.equal(greatestOf([]), 0);
  });
});

describe('annotations', () => {
  const span = (key: string, from: number, to: number | null): ChartAnnotation => ({
    key,
    from,
    to,
    text: key,
    href: '',
  });
  const all = [span('early', 0, 5), span('long', 2, 30), span('now', 25, null), span('later', 99, null)];
  const keys = (some: readonly ChartAnnotation[]) => some.map(({ key }) => key);

  it('are listed if they reach into the window, the newest first', () => {
    assert.deepEqual(keys(annotationsIn(all, [10, 50])), ['now', 'long']);
  });

  it('are told of a time while they go on', () => {
    assert.deepEqual(keys(annotationsAt(all, 28)), ['long', 'now']);
    assert.deepEqual(keys(annotationsAt(all, 40)), ['now']);
  });
});

describe('a chart for those who do not see it', () => {
  const at = [0, 1, 2].map((minute) => new Date(2026, 0, 1, 14, minute).getTime());

  it('is told in words: the last value, the least and the greatest', () => {
    const series = [
      { label: 'in', values: [1_000, 3_000, 2_000] },
      { label: 'out', values: [5_000, 5_000, null] },
      { label: 'lost', values: [null, null, null] },
    ];
    assert.equal(
      summaryOf('Throughput', at, series, rateUnit),
      'Throughput, 14:00:00 to 14:02:00. in: last 2.0 kB/s, from 1.0 kB/s to 3.0 kB/s. ' +
        'out: last measured 5.0 kB/s, all the time. lost: not measured.',
    );
    assert.equal(summaryOf('Throughput', [], [], rateUnit), 'Throughput: nothing was measured yet.');
  });

  it('tells days where it is longer than one', () => {
    const start = new Date(2026, 0, 1, 14).getTime();
    const month = [0, 29].map((day) => start + day * 86_400_000);
    const values = [1, 1];
    assert.equal(
      summaryOf('Sessions', month, [{ label: 'all', values }], sessions),
      'Sessions, 1 Jan, 14:00 to 30 Jan, 14:00. all: last 1 session, all the time.',
    );
  });

  it('is a table, the newest first, of at most 60 rows with the last value among them', () => {
    const many = Array.from({ length: 361 }, (_, index) => index);
    const rows = rowsOf(many, [{ label: 'a', values: many }]);
    assert.ok(rows.length <= 60 && rows.length > 30, `${rows.length} rows`);
    assert.deepEqual(
      [rows[0], rows[1]],
      [
        { at: 360, values: [360] },
        { at: 353, values: [353] },
      ],
    );
  });
});

describe('a sparkline', () => {
  const box = { width: 100, height: 20 };

  it('goes from 0 at the foot to the greatest at the top', () => {
    assert.equal(sparklinePath([0, 5, 10], box), 'M0 20h0L50 10L100 0');
  });

  it('has gaps, and lies at the foot when all is 0', () => {
    assert.equal(sparklinePath([10, null, 10], box), 'M0 0h0M100 0h0');
    assert.equal(sparklinePath([0, 0], box), 'M0 20h0L100 20');
    assert.equal(sparklinePath([], box), '');
  });
});

describe('units', () => {
  it('are told with each value; a mean of what is counted has a fraction', () => {
    assert.deepEqual([1, 2, 2.5].map(sessions.text), ['1 session', '2 sessions', '2.5 sessions']);
    assert.deepEqual([rateUnit.text(1_500), timeUnit.text(320), shareUnit.text(0.5)], ['1.5 kB/s', '320 ms', '50 %']);
  });
});
