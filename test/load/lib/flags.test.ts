import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatDuration, parseDuration } from './duration.ts';
import { parseFlags, scaleFor } from './flags.ts';
import type { LoadOptions } from './options.ts';
import { highestRate, longest, mostVus, resolveScenarios } from './scenarios.ts';

const OPTIONS: LoadOptions = {
  scenarios: {
    people: {
      executor: 'ramping-vus',
      startVUs: 0,
      stages: [
        { duration: '1m', target: 8 },
        { duration: '1m', target: 0 },
      ],
    },
    requests: {
      executor: 'constant-arrival-rate',
      rate: 30,
      timeUnit: '1m',
      duration: '90s',
      startTime: '30s',
      preAllocatedVUs: 2,
      maxVUs: 4,
    },
  },
};

function scaled(...args: string[]) {
  const flags = parseFlags(['average', ...args], {});
  assert.ok(flags);
  const scenarios = resolveScenarios(OPTIONS, scaleFor(OPTIONS, flags));
  return { vus: scenarios.map(mostVus), rate: scenarios.map(highestRate), ms: longest(scenarios, false) };
}

describe('the flags of a load test', () => {
  it('leave a script as it is, or make it longer, larger, faster in proportion', () => {
    assert.deepEqual(scaled(), { vus: [8, 4], rate: [0, 0.5], ms: 120_000 });
    assert.deepEqual(scaled('--duration', '30s', '--vus', '4'), { vus: [4, 2], rate: [0, 0.5], ms: 30_000 });
    assert.deepEqual(scaled('--rate', '5'), { vus: [8, 4], rate: [0, 5], ms: 120_000 });
    assert.deepEqual(scaled('--scale', '3'), { vus: [24, 12], rate: [0, 1.5], ms: 120_000 });
  });

  it('are refused when they are wrong', () => {
    for (const args of [
      [],
      ['a', 'b'],
      ['a', '--vus', '0'],
      ['a', '--vus', 'x'],
      ['a', '--duration', '5'],
      ['a', '--nothing'],
    ]) {
      assert.throws(() => parseFlags(args, {}), { code: 'config_invalid' }, args.join(' '));
    }
    assert.equal(parseFlags(['--help'], {}), undefined);
  });

  it('take the key from the environment', () => {
    const flags = parseFlags(['smoke', '--api', 'http://a'], { CULVERT_API: 'http://b', CULVERT_KEY: 'k' });
    assert.deepEqual([flags?.api, flags?.key], ['http://a', 'k']);
  });
});

describe('durations', () => {
  it('are read as k6 writes them', () => {
    assert.deepEqual(
      ['500ms', '1m30s', '2h', '1.5s', 250].map((text) => parseDuration(text)),
      [500, 90_000, 7_200_000, 1_500, 250],
    );
    for (const wrong of ['', '5', '1d', '-1s', -1, Number.NaN, '1s 2s'])
      assert.throws(() => parseDuration(wrong), { code: 'config_invalid' });
  });

  it('are written for people', () => {
    assert.deepEqual([0.25, 12.345, 2_500, 65_000, 7_380_000].map(formatDuration), [
      '250µs',
      '12.3ms',
      '2.5s',
      '1m05s',
      '2h03m',
    ]);
  });
});
