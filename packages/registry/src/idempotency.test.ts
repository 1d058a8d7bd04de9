import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import { Redis } from 'ioredis';
import { Registry } from './registry.ts';
import { startRedis, type TestRedis } from './testing/start-redis.ts';

describe('idempotency keys', () => {
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

  it('one of many runs, the others wait; then all hear its answer', async () => {
    const begin = () => registry.idempotency.begin('k1', 'print');
    const outcomes = (await Promise.all([begin(), begin(), begin()])).map(({ outcome }) => outcome).sort();
    assert.deepEqual(outcomes, ['in_progress', 'in_progress', 'new']);
    assert.equal(await registry.idempotency.finish('k1', '{"id":"s_1"}'), 'stored');
    assert.deepEqual(await begin(), { outcome: 'done', response: '{"id":"s_1"}' });
    assert.equal(await registry.idempotency.finish('k1', 'again'), 'lost');
    assert.deepEqual(await registry.idempotency.begin('k1', 'other'), { outcome: 'conflict' });
  });

  it('an abandoned key runs again; a pending one lapses after a minute, an answer after a day', async () => {
    await registry.idempotency.begin('k2', 'print');
    await registry.idempotency.abandon('k2');
    assert.deepEqual(await registry.idempotency.begin('k2', 'print'), { outcome: 'new' });
    const admin = new Redis(redis.url);
    const ttl = async (): Promise<number> => Math.round((await admin.pttl('{culvert}:idempotency:k2')) / 10_000);
    assert.equal(await ttl(), 6);
    await registry.idempotency.finish('k2', 'ok');
    assert.equal(await ttl(), 8_640);
    await admin.del('{culvert}:idempotency:k2');
    assert.equal(await registry.idempotency.finish('k2', 'too late'), 'lost');
    admin.disconnect();
  });
});
