import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runArrivals } from './arrivals.ts';
import { runIterations } from './iterations.ts';
import { constantArrivals, rampingArrivals, startRamp, vuSteps } from './ramp.ts';
import { Bench } from './testing.ts';
import { runVus } from './vus.ts';

const starts = (bench: Bench): number[] => bench.started.map(({ atMs }) => atMs);
const rounded = (times: Iterable<number>): number[] => [...times].map((ms) => Math.round(ms * 100) / 100);

describe('arrivals', () => {
  it('at a constant rate come at even distances from 0 on, without an error that adds up', () => {
    assert.deepEqual([...constantArrivals(0.01, 400)], [0, 100, 200, 300]);
    const many = [...constantArrivals(3 / 1_000, 3_600_000)];
    assert.equal(many.length, 10_800);
    assert.equal(many.at(-1), 10_799 / (3 / 1_000));
    assert.deepEqual([...constantArrivals(0, 1_000)], []);
  });

  it('on a ramp come when the area below the line is a whole number', () => {
    // 0 → 10/s in 1 s: n = 5t², t = √(n/5).
    const up = rounded(rampingArrivals(0, [{ durationMs: 1_000, target: 0.01 }]));
    assert.deepEqual(
      up,
      [1, 2, 3, 4, 5].map((n) => Math.round(Math.sqrt(n / 5) * 100_000) / 100),
    );
    // The other way round they are the mirror image.
    const down = rounded(rampingArrivals(0.01, [{ durationMs: 1_000, target: 0 }]));
    assert.deepEqual(
      down.slice(0, 4),
      [4, 3, 2, 1].map((n) => Math.round((1 - Math.sqrt(n / 5)) * 100_000) / 100),
    );
    assert.equal(down.length, 5);
  });

  it('carry what is left of a stage over into the next', () => {
    const stages = [
      { durationMs: 150, target: 0.01 },
      { durationMs: 0, target: 0.02 },
      { durationMs: 100, target: 0.02 },
    ];
    // 1.5 arrivals by 150 ms; the next half takes 25 ms at twice the rate.
    assert.deepEqual(rounded(rampingArrivals(0.01, stages)), [100, 175, 225]);
  });

  it('start when they are due although earlier ones are still under way', async () => {
    const bench = new Bench();
    bench.tookMs = () => 350;
    await bench.until(runArrivals({ times: constantArrivals(0.01, 500), vus: 2, maxVus: 10 }, bench.execution));
    assert.deepEqual(starts(bench), [0, 100, 200, 300, 400]);
    assert.deepEqual([bench.most, bench.made, bench.dropped], [4, 4, 0]);
  });

  it('for which no VU is free are dropped, and do not delay the others', async () => {
    const bench = new Bench();
    bench.tookMs = () => 250;
    await bench.until(runArrivals({ times: constantArrivals(0.01, 600), vus: 1, maxVus: 2 }, bench.execution));
    assert.deepEqual(starts(bench), [0, 100, 300, 400]);
    assert.equal(bench.dropped, 2);
  });

  it('that are late, for the generator stood still, all start, and know when they were due', async () => {
    const bench = new Bench();
    const work = runArrivals({ times: constantArrivals(0.01, 600), vus: 10, maxVus: 10 }, bench.execution);
    await bench.advanceTo(150);
    bench.clock.sleep(300);
    await bench.until(work);
    assert.deepEqual(
      bench.started.map(({ dueMs }) => dueMs),
      [0, 100, 200, 300, 400, 500],
    );
    assert.deepEqual(
      bench.started.map(({ atMs, dueMs }) => Math.floor((atMs - dueMs) / 50) * 50),
      [0, 0, 250, 150, 50, 0],
    );
  });
});

describe('VUs', () => {
  it('come and go as the line reaches them', () => {
    const stages = [
      { durationMs: 1_000, target: 2 },
      { durationMs: 500, target: 2 },
      { durationMs: 0, target: 4 },
      { durationMs: 400, target: 0 },
    ];
    const steps = [...vuSteps(0, stages)].map(({ atMs, vus }) => `${atMs}:${vus}`);
    assert.deepEqual(steps, ['0:0', '500:1', '1000:2', '1500:4', '1600:3', '1700:2', '1800:1', '1900:0']);
  });

  it('start the next iteration when the one before has ended, for as long as the time lasts', async () => {
    const bench = new Bench();
    bench.tookMs = () => 40;
    const endedMs = await bench.until(runVus({ ...startRamp(2, 100), rampDownMs: 0 }, bench.execution));
    assert.deepEqual(starts(bench), [0, 0, 40, 40, 80, 80]);
    assert.equal(endedMs, 120);
  });

  it('that are no longer wanted end their iteration in the time that they are given, or are interrupted', async () => {
    const bench = new Bench();
    bench.tookMs = (i) => (i === 0 ? 30 : 10_000);
    const stages = [
      { durationMs: 100, target: 2 },
      { durationMs: 0, target: 0 },
      { durationMs: 500, target: 0 },
    ];
    await bench.until(runVus({ start: 2, stages, rampDownMs: 200 }, bench.execution));
    // The first VU's second iteration, and the second's first, are cut off 200 ms after the ramp.
    assert.deepEqual([bench.started.length, bench.interrupted, bench.active], [3, 2, 0]);
  });
});

describe('iterations', () => {
  it('are so many for each VU', async () => {
    const bench = new Bench();
    bench.tookMs = (i) => (i % 2 === 0 ? 10 : 30);
    await bench.until(runIterations({ vus: 3, iterations: 4, shared: false }, bench.execution));
    const each = Map.groupBy(bench.started, ({ vu }) => vu);
    assert.deepEqual(
      [...each.values()].map(({ length }) => length),
      [4, 4, 4],
    );
  });

  it('or so many in all, shared among those who are free', async () => {
    const bench = new Bench();
    bench.tookMs = (i) => (i === 0 ? 1_000 : 10);
    await bench.until(runIterations({ vus: 2, iterations: 9, shared: true }, bench.execution));
    const each = Map.groupBy(bench.started, ({ vu }) => vu);
    assert.deepEqual(
      [...each.values()].map(({ length }) => length),
      [1, 8],
    );
  });

  it('stop when the time is over', async () => {
    const bench = new Bench();
    bench.tookMs = () => 10;
    const work = runIterations({ vus: 1, iterations: 1_000, shared: false }, bench.execution);
    await bench.advanceTo(45);
    bench.stop.abort();
    await bench.until(work);
    assert.equal(bench.started.length, 5);
  });
});
