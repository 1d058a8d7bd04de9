import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SloCurves, SloSeries } from '@culvert/contracts';
import { levelsWithin } from '../../charts/axis.ts';
import { attainmentUnit, boundsOf, countedTimes, curvesOf, failuresOf } from './curves.ts';

const MINUTE = 60_000;
const STEPS = 60;

function curves(
  opened: Readonly<Record<number, number>> = {},
  usable: Readonly<Record<number, number>> = {},
): SloCurves {
  const column = <T>(of: (step: number) => T): T[] => Array.from({ length: STEPS }, (_, step) => of(step));
  const nothing = column(() => null);
  const attainment = { connection_success: nothing, setup: nothing, lost_connections: nothing };
  return {
    attainment: { ...attainment, session_availability: column((step) => usable[step] ?? null) },
    opened: column((step) => opened[step] ?? 0),
    failed: column(() => 0),
    lost: column(() => 0),
  };
}

function series(real: SloCurves, synthetic = curves()): SloSeries {
  const targets = { connection_success: 0.999, session_availability: 0.995, setup: 0.99, lost_connections: 0.9999 };
  const at = Array.from({ length: STEPS }, (_, step) => step * MINUTE);
  return { window: '1h', tenant: null, stepMs: MINUTE, at, targets, real, synthetic };
}

describe('curves of attainment', () => {
  it('are one for each objective, with its limit; probes do not count sessions', () => {
    const all = curvesOf(series(curves({}, { 59: 0.9 })));
    assert.deepEqual(
      all.map(({ name, lines, limits }) => [name, lines.map(({ label }) => label).join(), limits[0]?.value]),
      [
        ['connection_success', 'real,synthetic', 0.999],
        ['session_availability', 'real', 0.995],
        ['setup', 'real,synthetic', 0.99],
        ['lost_connections', 'real,synthetic', 0.9999],
      ],
    );
    assert.equal(all[1]?.lines[0]?.values.at(-1), 0.9);
    assert.deepEqual(all[1]?.bounds, [0.8, 1]);
  });

  it('have the counts of what failed beside them', () => {
    const real = { ...curves(), failed: [3], lost: [2] };
    const lines = failuresOf(series(real), 'lost');
    assert.deepEqual(
      lines.map(({ label, values }) => [label, values[0]]),
      [
        ['real', 2],
        ['synthetic', 0],
      ],
    );
    assert.deepEqual(failuresOf(series(real), 'failed')[0]?.values, [3]);
  });

  it('show the objective and the worst value, and never less than nothing', () => {
    assert.deepEqual(boundsOf([1, null, 0.9995], 0.999), [0.998, 1]);
    assert.deepEqual(boundsOf([], 0.9999), [0.9998, 1]);
    assert.deepEqual(boundsOf([0.97, 1], 0.999), [0.95, 1]);
    assert.deepEqual(boundsOf([0.5], 0.999), [0, 1]);
    assert.deepEqual(boundsOf([0], 0.999), [0, 1]);
  });

  it('have an axis that tells objectives apart', () => {
    const labels = (target: number) => levelsWithin(boundsOf([], target), attainmentUnit).map(attainmentUnit.short);
    assert.deepEqual(labels(0.999), ['99.8 %', '99.85 %', '99.9 %', '99.95 %', '100 %']);
    assert.deepEqual(labels(0.99999), ['99.998 %', '99.9985 %', '99.999 %', '99.9995 %', '100 %']);
    assert.equal(attainmentUnit.text(0.99999), '99.999 %');
  });
});

describe('the time that is shown', () => {
  it('begins where something was counted, by whichever source, and holds the step under way', () => {
    assert.deepEqual(countedTimes(series(curves({ 20: 1 }), curves({ 30: 1 }))), [20 * MINUTE, 60 * MINUTE]);
    assert.deepEqual(countedTimes(series(curves(), curves({ 30: 1 }))), [30 * MINUTE, 60 * MINUTE]);
    assert.deepEqual(countedTimes(series(curves({}, { 5: 1 }))), [5 * MINUTE, 60 * MINUTE]);
  });

  it('is wide enough for a cluster that is young, and none where nothing was counted', () => {
    assert.deepEqual(countedTimes(series(curves({ 58: 1 }))), [50 * MINUTE, 60 * MINUTE]);
    assert.equal(countedTimes(series(curves())), undefined);
  });
});
