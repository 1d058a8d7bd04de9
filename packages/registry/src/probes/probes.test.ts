import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { silentLogger } from '@culvert/base';
import { Registry } from '../registry.ts';
import { startRedis, type TestRedis } from '../testing/index.ts';

describe('the store of the probes', () => {
  let redis: TestRedis;
  let registry: Registry;

  before(async () => {
    redis = await startRedis();
    registry = Registry.connect({ url: redis.url, logger: silentLogger });
    await registry.waitUntilAvailable(AbortSignal.timeout(5_000));
  });
  after(async () => {
    await registry.close();
    await redis.stop();
  });

  it('has one round at a time, and what the last one found', async () => {
    const { probes } = registry;
    assert.equal(await probes.report(), undefined);
    assert.equal(await probes.begin('d1#b/1', 10_000), true);
    assert.equal(await probes.begin('d2#b/1', 10_000), false);
    assert.equal(await probes.end('d2#b/1', { round: 9 }), false, 'it is not theirs');
    assert.equal(await probes.end('d1#b/1', { round: 0, words: '{}"\u2028' }), true);
    assert.deepEqual(await probes.report(), { round: 0, words: '{}"\u2028' });
  });

  it('keeps what was found before when a round finds nothing out', async () => {
    const { probes } = registry;
    assert.equal(await probes.begin('d2#b/2', 10_000), true);
    assert.equal(await probes.end('d2#b/2'), true);
    assert.partialDeepStrictEqual(await probes.report(), { round: 0 });
  });

  it('gives a round that takes too long to another, and takes nothing from the late one', async () => {
    const { probes } = registry;
    assert.equal(await probes.begin('slow', 20), true);
    await setTimeout(40);
    assert.equal(await probes.begin('next', 10_000), true);
    assert.equal(await probes.end('slow', { round: 1 }), false);
    assert.equal(await probes.end('next', { round: 2 }), true);
    assert.partialDeepStrictEqual(await probes.report(), { round: 2 });
  });
});
