import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { request } from './testing/fixtures.ts';
import { SimRun } from './testing/sim-run.ts';

const MINUTES = 60_000;

describe('a deployment, step by step', () => {
  for (const strategy of ['rolling', 'surge', 'blue-green', 'canary'] as const) {
    it(`${strategy}: every node is replaced, and none is missed meanwhile`, () => {
      const canary = strategy === 'canary' ? { percent: 25, analyzeMs: 5_000 } : null;
      const run = new SimRun(request({ strategy, canary, keepWarmMs: 10_000 })).run(10 * MINUTES);
      assert.equal(run.state.state, 'succeeded', run.state.reason ?? '');
      const versions = run.world.serving().map(({ version }) => version);
      assert.deepEqual(versions, ['2.0.0', '2.0.0', '2.0.0', '2.0.0']);
      assert.equal(
        run.world.serving().reduce((sum, { sessions }) => sum + sessions, 0),
        160,
      );
      assert.ok(run.state.units.every(({ state }) => state === 'done'));
      assert.equal(run.world.rollout, null);
    });
  }
});
