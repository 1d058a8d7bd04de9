import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChaosRun } from '@culvert/contracts';
import { randomPlan, targetOf } from './plan.ts';
import { Teller } from './teller.ts';
import { faultWords, report } from './words.ts';

const RUN: ChaosRun = {
  id: 'chaos_1',
  state: 'failed',
  reason: '',
  by: 'root',
  seed: 7,
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: '2026-01-01T00:00:09.000Z',
  steps: [
    {
      fault: { type: 'kill', target: { role: 'worker' } },
      afterMs: 0,
      state: 'recovered',
      nodes: [{ id: 'worker-2', role: 'worker', boot: 'b', cameBack: false }],
      startedAt: '2026-01-01T00:00:00.000Z',
      rtoMs: 6_200,
      detail: '',
    },
  ],
  figures: {
    ...{ opened: 12, failed: 1, lost: 2, resumed: 9, gapMs: { p50: 300, p99: 900, max: 950 }, edgesEnded: 0 },
    ...{ sessions: { watched: 3, unserved: 1, lost: 0 }, settingsLost: 0, historyLost: 0 },
  },
  checks: [{ name: 'connections lost', promised: '0', measured: '2', passed: false }],
};

describe('culvert chaos, its pieces', () => {
  it('a word is a role or the id of a node', () => {
    assert.deepEqual(targetOf('worker', undefined), { role: 'worker' });
    assert.deepEqual(targetOf('gateway', 50), { role: 'gateway', percent: 50 });
    assert.deepEqual(targetOf('worker-2', undefined), { node: 'worker-2' });
    assert.throws(() => targetOf('worker-2', 50), { code: 'config_invalid' });
  });

  it('the same seed makes the same plan: one fault in each period', () => {
    const given = { everyMs: 60_000, forMs: 600_000, redis: true };
    const plan = randomPlan({ ...given, seed: 7 });
    assert.deepEqual(randomPlan({ ...given, seed: 7 }), plan);
    assert.notDeepEqual(randomPlan({ ...given, seed: 8 }).steps, plan.steps);
    assert.equal(plan.steps.length, 10);
    for (const [at, { afterMs = -1 }] of plan.steps.entries()) {
      assert.ok(afterMs >= at * 60_000 && afterMs < (at + 1) * 60_000, `${afterMs} ms`);
    }
    const calm = Array.from({ length: 50 }, (_, seed) => randomPlan({ ...given, redis: false, seed })).flatMap(
      ({ steps }) => steps,
    );
    assert.ok(calm.every(({ fault }) => fault.type !== 'restart_redis'));
    assert.throws(() => randomPlan({ ...given, everyMs: 1_000_000, seed: 1 }), { code: 'config_invalid' });
  });

  it('the report tells what was done, what users noticed, and which promise was broken', () => {
    const text = report(RUN);
    assert.match(text, /kill worker-2 +recovered +6\.2 s +worker-2: no/);
    assert.match(text, /12 opened, 1 failed, 9 resumed, 2 lost/);
    assert.match(text, /p50 300 ms, p99 900 ms, longest 950 ms/);
    assert.match(text, /connections lost +0 +2 +BROKEN/);
  });

  it('a fault is told in words', () => {
    const fault = { type: 'cut', target: { role: 'worker', percent: 30 }, from: 'redis', durationMs: 5_000 } as const;
    assert.equal(faultWords({ ...fault, reset: true }), 'cut 30 % of worker from redis for 5.0 s, with resets');
    assert.equal(faultWords({ type: 'restart_redis', empty: true }), 'restart Redis, empty');
  });

  it('without a terminal, a line is said once for each change', () => {
    const said: string[] = [];
    const teller = new Teller({ write: (text) => said.push(text) });
    teller.show(RUN);
    teller.show({ ...RUN, figures: { ...RUN.figures, opened: 13 } });
    teller.end();
    assert.equal(said.length, 1);
  });
});
