import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nodeView } from '../testing/node-view.ts';
import { type ByteMarks, nextMarks } from './byte-rates.ts';

const NONE: ByteMarks = new Map();
const beat = (beatAt: number, bytesIn: number, bytesOut: number, more = {}) =>
  nodeView('w1', { beatAt, bytesIn, bytesOut, ...more });

/** The rate after these looks, one after the other. */
function rateAfter(...looks: ReturnType<typeof beat>[]) {
  return looks.reduce<ByteMarks>((marks, node) => nextMarks(marks, [node]), NONE).get('w1')?.rate;
}

describe('rates from absolute counts', () => {
  it('are those between two beats, whenever somebody looked', () => {
    const rate = { bytesIn: 50, bytesOut: 500 };
    assert.equal(rateAfter(beat(1_000, 100, 1_000)), null, 'one beat makes none');
    assert.deepEqual(rateAfter(beat(1_000, 100, 1_000), beat(3_000, 200, 2_000)), rate);
    const again = beat(3_000, 200, 2_000, { leaseAgeMs: 900 });
    assert.deepEqual(rateAfter(beat(1_000, 100, 1_000), again, again, again), rate, 'the same beat, seen again');
    assert.deepEqual(rateAfter(beat(1_000, 100, 1_000), again, beat(5_000, 200, 2_000)), { bytesIn: 0, bytesOut: 0 });
  });

  it('wait for beats that are far enough apart', () => {
    const close = [beat(1_000, 0, 0), beat(1_200, 100, 100), beat(1_900, 100, 100)];
    assert.equal(rateAfter(...close), null);
    assert.deepEqual(rateAfter(...close, beat(3_000, 200, 400)), { bytesIn: 100, bytesOut: 200 });
  });

  it('begin anew with a boot, and when counts or the clock went back', () => {
    const before = beat(1_000, 1_000, 1_000);
    assert.equal(rateAfter(before, beat(3_000, 5_000, 5_000, { boot: 'b2' })), null);
    assert.equal(rateAfter(before, beat(3_000, 999, 5_000)), null);
    assert.equal(rateAfter(before, beat(3_000, 5_000, 999)), null);
    assert.equal(rateAfter(before, beat(900, 5_000, 5_000)), null);
    assert.deepEqual(rateAfter(before, beat(900, 5_000, 5_000), beat(2_900, 5_000, 7_000)), {
      bytesIn: 0,
      bytesOut: 1_000,
    });
  });

  it('are not known of the dead, of those that are gone, and of releases that do not tell', () => {
    const marks = nextMarks(NONE, [beat(1_000, 0, 0)]);
    assert.equal(nextMarks(marks, []).size, 0);
    assert.equal(nextMarks(marks, [beat(3_000, 9, 9, { state: 'dead' })]).size, 0);
    assert.equal(nextMarks(marks, [nodeView('w1', { beatAt: 3_000 })]).size, 0);
  });
});
