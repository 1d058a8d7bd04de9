import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import { Redis } from 'ioredis';
import { createKeys } from '../keys.ts';
import { loadScripts } from '../redis/scripts.ts';
import { Registry } from '../registry.ts';
import { commandOf, commitOf, deploymentOf, ended, holds } from '../testing/deployments.ts';
import { hasCode } from '../testing/fixtures.ts';
import { startRedis, type TestRedis } from '../testing/start-redis.ts';
import type { Deployments } from './types.ts';

const { deploy } = createKeys();
const WEEK_MS = 7 * 24 * 3_600_000;

describe('what is kept of deployments, and for how long', () => {
  let redis: TestRedis;
  let admin: Redis;
  let registry: Registry;
  let store: Deployments;
  before(async () => {
    redis = await startRedis();
    admin = new Redis(redis.url);
    registry = Registry.connect({ url: redis.url, logger: silentLogger });
    store = registry.deployments;
    await registry.waitUntilAvailable(AbortSignal.timeout(5_000));
  });
  beforeEach(() => admin.flushall());
  after(async () => {
    await registry.close();
    admin.disconnect();
    await redis.stop();
  });

  /** Milliseconds that are left of them; -1: for good, -2: they are not there. */
  const lifeOf = (keys: readonly string[]) => Promise.all(keys.map((key) => admin.pttl(key)));

  async function passes(): Promise<string> {
    const record = deploymentOf();
    await store.create(record, { queue: true });
    await store.putTouched(record.id, new Map([['s_1', 1]]));
    await store.command(record.id, commandOf('pause'));
    await store.putReceipt(record.id, {});
    const lease = await holds(store, 'one#b1');
    assert.equal(await store.commit(commitOf(record, lease, { over: true })), 'ok');
    return record.id;
  }

  it('results and what was touched: a week after its end; the record and its receipt: for good', async () => {
    const record = deploymentOf();
    const { id } = record;
    await store.create(record, { queue: false });
    await store.putResult(id, 'one', 1);
    await store.putTouched(id, new Map([['s_1', 1]]));
    await store.putReceipt(id, {});
    const [some, good] = [
      [deploy.results(id), deploy.touched(id)],
      [deploy.record(id), deploy.receipt(id)],
    ];
    assert.deepEqual(await lifeOf([...some, ...good]), [-1, -1, -1, -1]);
    const lease = await holds(store, 'one#b1');
    await store.commit(commitOf(record, lease, { over: true }));
    const isWeek = (ms: number) => ms > WEEK_MS - 60_000 && ms <= WEEK_MS;
    assert.ok((await lifeOf(some)).every(isWeek));
    assert.deepEqual(await lifeOf(good), [-1, -1]);
    // What comes late, or of a deployment that Redis has lost, is nobody's to remove.
    await admin.del(...some, deploy.results('d_lost'));
    await store.putResult(id, 'late', 1);
    await store.putTouched(id, new Map([['s_2', 1]]));
    await store.putResult('d_lost', 'late', 1);
    assert.ok((await lifeOf([...some, deploy.results('d_lost')])).every(isWeek));
  });

  it('the last 200 that are over, and all that are not', async () => {
    const waits = deploymentOf({ createdAtMs: 1 });
    await store.create(waits, { queue: false });
    const oldest = await passes();
    const second = await passes();
    const restored = Array.from({ length: 198 }, () => deploymentOf({ over: true }));
    await Promise.all(restored.map((record) => store.restore(record)));
    const last = deploymentOf();
    await store.create(last, { queue: true });
    const left = (id: string) =>
      admin.exists(
        ...[deploy.record(id), deploy.commands(id), deploy.results(id), deploy.touched(id), deploy.receipt(id)],
      );
    assert.deepEqual([await left(oldest), await left(second), await left(waits.id)], [0, 3, 1]);
    assert.equal(await admin.zcard(deploy.index), 201, 'the one that waits is older than 200 others');
    assert.equal((await store.get(second))?.over, true);
  });

  it('no more commands, deployments, documents and results than there is room for', async () => {
    const full = hasCode('limit_exceeded');
    const { id } = deploymentOf();
    for (let i = 0; i < 100; i += 1) await store.create(deploymentOf(i === 0 ? { id } : {}), { queue: true });
    await assert.rejects(store.create(deploymentOf(), { queue: true }), full);
    const commands = Array.from({ length: 100 }, () => commandOf('pause'));
    for (const command of commands) await store.command(id, command);
    await assert.rejects(store.command(id, commandOf('pause')), full);
    assert.deepEqual(await store.commands(id), commands);
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`n${n}`, '{}']));
    await admin.hset(deploy.windows, many);
    await assert.rejects(store.putDocument('window', 'one-more', {}), full);
    await store.putDocument('window', 'n7', { is: 'another' });
  });

  it('100,000 results, and as many that were touched: earlier ones are still replaced', async () => {
    const record = deploymentOf();
    const { id } = record;
    await store.create(record, { queue: false });
    const fill = `for n = 1, 99999 do redis.call('HSET', KEYS[1], 'k' .. n, '0') end`;
    for (const key of [deploy.touched(id), deploy.results(id)]) await admin.eval(fill, 1, key);
    const entries = ['k1', 'new1', 'new2'].map((key) => [key, 1] as const);
    await assert.rejects(store.putTouched(id, new Map(entries)), {
      code: 'limit_exceeded',
      message: /: 1 are left out/,
    });
    assert.equal(await admin.hlen(deploy.touched(id)), 100_000);
    await store.putTouched(id, new Map([['k2', 2]]));
    assert.deepEqual(await admin.hmget(deploy.touched(id), 'k1', 'k2'), ['1', '2']);
    assert.equal(await store.putResult(id, 'new1', 1), 1);
    await assert.rejects(store.putResult(id, 'new2', 1), hasCode('limit_exceeded'));
    assert.equal(await store.putResult(id, 'k1', 1), 0);
  });

  it('no lease longer than it was asked for: a clock that went back ends it in time', async () => {
    const first = await holds(store, 'gone#b1', 20);
    await admin.hset(deploy.lease, 'untilMs', String(first.untilMs + 3_600_000));
    assert.equal(await store.lease('next#b1', 1_000), undefined);
    await ended(store, first);
    assert.ok(await store.lease('next#b1', 1_000));
  });

  it('a fence is above every time that its holder knows of, whatever the clock of this server is', async () => {
    const take = async (holder: string, seenMs: number): Promise<number> => {
      const request = { holder, forMs: 1_000, seenMs };
      const reply = await admin.eval(loadScripts().deploy_lease.text, 1, deploy.lease, JSON.stringify(request));
      return Number(JSON.parse(String(reply)).fence);
    };
    const aheadMs = Date.now() + 3_600_000;
    const first = await take('one#b1', aheadMs);
    assert.ok(first > (aheadMs + 0.999) * 1_000);
    await admin.hset(deploy.lease, 'untilMs', '0');
    assert.equal(await take('two#b1', 0), first + 1);
  });

  it('what is no record of ours is an error that names it', async () => {
    await admin.hset(deploy.record('d_x'), { revision: '1', state: 'pending', over: '0', createdAtMs: '1', core: '{' });
    await assert.rejects(store.get('d_x'), { code: 'internal', message: /deployment d_x/ });
    await admin.set(deploy.rollout, '[]');
    await assert.rejects(store.rollout(), hasCode('internal'));
  });
});
