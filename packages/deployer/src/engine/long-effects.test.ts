import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError, silentLogger } from '@culvert/base';
import type { EffectResult } from '../core/types.ts';
import { type LongJob, type LongWork, type RunOptions, runLong } from './long-effects.ts';

const key = 'd_1/w/verify/1';
const job: LongJob = { deployment: 'd_1', effect: { key, kind: 'verify', node: 'w.new1', version: '2' } };

/** `results` is what the store has. */
function running(work: LongWork, over: Partial<RunOptions> = {}) {
  const results = new Map<string, unknown>();
  const deployments = {
    results: async () => results,
    putResult: async (_: string, name: string, result: unknown) => {
      if (!results.has(name)) results.set(name, result);
      return results.get(name);
    },
  };
  const registry = { deployments, redisNow: () => 1_000 } as unknown as RunOptions['registry'];
  const signal = new AbortController().signal;
  const options: RunOptions = { registry, work, logger: silentLogger, signal, attemptsLeft: 0, ...over };
  return { results, run: () => runLong(job, options) };
}

const no: LongWork = async () => Promise.reject(new CulvertError('node_unreachable', 'nobody there'));

describe('an effect that lasts', () => {
  it('is not done again once its result is there', async () => {
    let runs = 0;
    const { results, run } = running(async () => {
      runs += 1;
      return { ok: true, detail: 'fine', facts: { checks: 5 } };
    });
    await run();
    await run();
    assert.equal(runs, 1);
    const { tookMs, ...result } = results.get(key) as EffectResult;
    assert.ok(tookMs >= 0);
    assert.deepEqual(result, { ok: true, detail: 'fine', facts: { checks: 5 }, atMs: 1_000 });
  });

  it('fails for good with its last attempt only', async () => {
    const first = running(no, { attemptsLeft: 1 });
    await assert.rejects(first.run(), { code: 'node_unreachable' });
    assert.equal(first.results.size, 0);
    const last = running(no);
    await last.run();
    const { ok, detail, facts } = last.results.get(key) as EffectResult;
    assert.deepEqual({ ok, detail, facts }, { ok: false, detail: 'nobody there', facts: { code: 'node_unreachable' } });
  });

  it('that was called off has not failed', async () => {
    const { results, run } = running(no, { signal: AbortSignal.abort() });
    await assert.rejects(run(), { code: 'cancelled' });
    assert.equal(results.size, 0);
  });
});
