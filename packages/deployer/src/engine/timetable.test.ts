import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newRecord } from './testing/fake-world.ts';
import { Timetable } from './timetable.ts';

const tick = (atMs: number, revision = 1) => ({ deployment: 'd_1', revision, atMs });

describe('the timetable', () => {
  it('has one tick ahead, the earliest that was wanted', () => {
    const table = new Timetable();
    assert.deepEqual(table.plan(tick(2_000), 1_000), tick(2_000));
    assert.equal(table.plan(tick(3_000), 1_000), undefined);
    assert.deepEqual(table.plan(tick(1_500), 1_000), tick(1_500));
    assert.equal(table.begin(tick(2_000), 2_000), false);
    assert.equal(table.begin(tick(1_500), 2_000), true);
  });

  it('gives no tick the name of one that may still be there', () => {
    const table = new Timetable();
    assert.deepEqual(table.plan(tick(0), 1_000), tick(1_000));
    assert.deepEqual(table.plan(tick(0), 1_000), tick(1_025));
    assert.equal(table.begin(tick(1_025), 1_020), true);
    assert.deepEqual(table.plan(tick(0), 1_021), tick(1_050));
    assert.equal(table.begin(tick(1_050), 1_050), true);
    assert.deepEqual(table.plan(tick(0, 2), 1_051), tick(1_075, 2));
  });

  it('takes what another deploy worker planned, and misses a tick that is late', () => {
    const table = new Timetable();
    assert.equal(table.begin(tick(1_000), 1_000), true);
    assert.equal(table.isMissing(newRecord('d_1'), 2_000), false);
    assert.equal(table.isMissing(newRecord('d_1'), 2_001), true);
    assert.equal(table.begin(tick(900), 2_001), true);
    assert.equal(table.isMissing(newRecord('d_2'), 2_001), true);
    assert.equal(table.isMissing({ ...newRecord('d_2'), view: { tickAtMs: 1_500 } }, 2_001), false);
  });
});
