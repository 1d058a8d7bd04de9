import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import { Redis } from 'ioredis';
import { createKeys } from '../keys.ts';
import { Registry } from '../registry.ts';
import { startRedis, type TestRedis } from '../testing/start-redis.ts';

const KEY = createKeys().signOuts;
const HOUR = 3_600_000;

describe('sign-ins that were ended', () => {
  let redis: TestRedis;
  let admin: Redis;
  let one: Registry;
  let two: Registry;
  before(async () => {
    redis = await startRedis();
    admin = new Redis(redis.url);
    [one, two] = [
      Registry.connect({ url: redis.url, logger: silentLogger }),
      Registry.connect({ url: redis.url, logger: silentLogger }),
    ];
    await Promise.all([one, two].map((it) => it.waitUntilAvailable(AbortSignal.timeout(5_000))));
  });
  after(async () => {
    admin.disconnect();
    await Promise.all([one.close(), two.close()]);
    await redis.stop();
  });

  it('are learnt by who asks, and kept by Redis until they would have ended anyhow', async () => {
    await one.signOuts.end('past', Date.now() - 1);
    await one.signOuts.end('a', Date.now() + HOUR);
    assert.deepEqual(await admin.zrange(KEY, '0', '-1'), ['a']);
    assert.deepEqual([one.signOuts.has('past'), one.signOuts.has('a'), two.signOuts.has('a')], [false, true, false]);
    await two.signOuts.refresh();
    assert.ok(two.signOuts.has('a'));
  });

  it('are told again to a Redis that lost them', async () => {
    await one.signOuts.end('b', Date.now() + HOUR);
    await admin.del(KEY);
    await one.signOuts.refresh();
    assert.deepEqual((await admin.zrange(KEY, '0', '-1')).includes('b'), true);
  });

  it('count here also if Redis cannot be told, which is then told later', async () => {
    redis.freeze();
    await assert.rejects(one.signOuts.end('c', Date.now() + HOUR), { code: 'registry_unavailable' });
    assert.ok(one.signOuts.has('c'));
    redis.thaw();
    await one.waitUntilAvailable(AbortSignal.timeout(5_000));
    await one.signOuts.refresh();
    assert.ok((await admin.zrange(KEY, '0', '-1')).includes('c'));
  });

  it('are ten thousand at most: those that end last', async () => {
    const end = Date.now() + HOUR;
    const many = Array.from({ length: 10_000 }, (_, i) => [String(end + i), `many${i}`]).flat();
    await admin.zadd(KEY, ...many);
    await one.signOuts.end('last', end + HOUR);
    assert.equal(await admin.zcard(KEY), 10_000);
    assert.equal(await admin.zscore(KEY, 'many0'), null);
    assert.equal(await admin.zscore(KEY, 'last'), String(end + HOUR));
  });
});
