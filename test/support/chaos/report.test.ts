import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Progress } from './progress.ts';
import { assertGaps, assertKept, percentile, Report } from './report.ts';
import type { Tally } from './traffic.ts';

const TALLY: Tally = { connections: 3, lost: [], wrongBytes: 0, opened: 9, refused: {}, gapsMs: [5, 900, 20] };

describe('what chaos tests measure', () => {
  it('a gap is the longest silence since it is watched, less the period, what lasts still included', () => {
    let now = 0;
    const progress = new Progress(20, () => now);
    now = 500;
    progress.reach(1);
    progress.watch();
    assert.equal(progress.gapMs(), 0);
    now = 600;
    progress.reach(2);
    now = 620;
    assert.equal(progress.gapMs(), 80);
    now = 900;
    assert.equal(progress.gapMs(), 280);
  });

  it('whoever waits for progress hears of it, or of the failure', async () => {
    const progress = new Progress(20);
    const [second, fourth] = [progress.when(2), progress.when(4)];
    progress.reach(3);
    await second;
    progress.fail(new Error('cut'));
    await assert.rejects(fourth, /cut/);
    await progress.when(3);
    await assert.rejects(progress.when(4), /cut/);
  });

  it('percentiles are values that occurred', () => {
    const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);
    assert.deepEqual(
      [0.5, 0.99, 1].map((share) => percentile(hundred, share)),
      [50, 99, 100],
    );
    assert.equal(percentile([7], 0.99), 7);
    assert.equal(percentile([], 0.5), Number.NaN);
  });

  it('the table has a row for each case', () => {
    const report = new Report();
    report.add('a case', { ...TALLY, refused: { session_offline: 1 } }, { resumed: 6, replayedBytes: 1_234, lost: {} });
    const [, row = ''] = String(report).split('\n');
    assert.match(row, /^a case +3 +0 +0 +1 of 10 +6 +1234 +20 +900 +900$/);
  });

  it('loss, wrong bytes and long gaps fail', () => {
    assertKept(TALLY);
    assert.throws(() => assertKept({ ...TALLY, lost: ['upload: it was closed'] }), /upload: it was closed/);
    assert.throws(() => assertKept({ ...TALLY, wrongBytes: 1 }));
    assertGaps(TALLY, 900);
    assert.throws(() => assertGaps(TALLY, 899), /gap p99 is 900 ms/);
    assert.throws(() => assertGaps({ ...TALLY, gapsMs: [] }, 899), /no gap/);
  });
});
