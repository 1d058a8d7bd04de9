import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import { Redis } from 'ioredis';
import { Registry } from '../registry.ts';
import { startRedis, type TestRedis } from '../testing/start-redis.ts';

const KEY = '{culvert}:events';

describe('reading the history', () => {
  let redis: TestRedis;
  let admin: Redis;
  let registry: Registry;
  before(async () => {
    redis = await startRedis();
    admin = new Redis(redis.url);
    registry = Registry.connect({ url: redis.url, logger: silentLogger });
    await registry.waitUntilAvailable(AbortSignal.timeout(5_000));
  });
  beforeEach(() => admin.del(KEY));
  after(async () => {
    await registry.close();
    admin.disconnect();
    await redis.stop();
  });

  const write = (id: string, ...fields: string[]) => admin.xadd(KEY, id, ...fields);
  const ids = (page: { items: readonly { id: string }[] }) => page.items.map(({ id }) => id);

  it('of a cluster without one is an empty page', async () => {
    assert.deepEqual(await registry.events.read({ limit: 10 }), { items: [], next: null });
    assert.deepEqual(await registry.events.edges(), { oldest: null, newest: null });
  });

  it('goes in pages, either way, between two bounds', async () => {
    for (let ms = 1; ms <= 5; ms += 1) await write(`${ms}-0`, 'type', 'node.state', 'node', 'w1');
    const { events } = registry;
    const first = await events.read({ limit: 2 });
    assert.deepEqual(first, {
      items: ['1-0', '2-0'].map((id) => ({ id, type: 'node.state', fields: { node: 'w1' } })),
      next: '2-0',
    });
    assert.deepEqual(ids(await events.read({ limit: 10, after: '2-0' })), ['3-0', '4-0', '5-0']);
    const newest = await events.read({ limit: 2, newestFirst: true });
    assert.deepEqual([ids(newest), newest.next], [['5-0', '4-0'], '4-0']);
    assert.deepEqual(await events.read({ limit: 10, newestFirst: true, before: '1-0' }), { items: [], next: null });
    assert.deepEqual(ids(await events.read({ limit: 10, after: '1', before: '4-0' })), ['2-0', '3-0']);
    assert.deepEqual(ids(await events.read({ limit: 10, after: '4-0', before: '4-0' })), []);
    assert.deepEqual(await events.edges(), { oldest: '1-0', newest: '5-0' });
  });

  it('answers what the filter wants', async () => {
    await write('1-0', 'type', 'session.opened', 'session', 's1', 'tenant', 'acme', 'node', 'w1');
    await write('2-0', 'type', 'session.moved', 'session', 's1', 'tenant', 'acme', 'node', 'w2', 'from', 'w1');
    await write('3-0', 'type', 'session.opened', 'session', 's2', 'tenant', 'zeta', 'node', 'w2');
    await write('4-0', 'type', 'node.state', 'node', 'w1');
    await write('5-0', 'kind', 'without a type');
    const read = async (filter: object) => ids(await registry.events.read({ limit: 10, ...filter }));
    assert.deepEqual(await read({ types: ['session.*'] }), ['1-0', '2-0', '3-0']);
    assert.deepEqual(await read({ types: ['session.moved', 'node.state'] }), ['2-0', '4-0']);
    assert.deepEqual(await read({ types: [] }), []);
    assert.deepEqual(await read({ types: ['session.open'] }), []);
    assert.deepEqual(await read({ session: 's1' }), ['1-0', '2-0']);
    assert.deepEqual(await read({ tenant: 'zeta' }), ['3-0']);
    assert.deepEqual(await read({ node: 'w1' }), ['1-0', '2-0', '4-0']);
    assert.deepEqual(await read({ node: 'w1', types: ['session.*'] }), ['1-0', '2-0']);
    assert.equal((await registry.events.read({ limit: 10, after: '4-0' })).items[0]?.type, '');
  });

  it('looks at a bounded number of entries a call, and says where to go on', async () => {
    const pipeline = admin.pipeline();
    for (let ms = 1; ms <= 1_500; ms += 1) pipeline.xadd(KEY, `${ms}-0`, 'type', ms === 1_400 ? 'b.b' : 'a.a');
    await pipeline.exec();
    const first = await registry.events.read({ limit: 1, types: ['b.b'] });
    assert.deepEqual(first, { items: [], next: '1000-0' });
    const second = await registry.events.read({ limit: 1, types: ['b.b'], after: first.next ?? '' });
    assert.deepEqual([ids(second), second.next], [['1400-0'], '1400-0']);
    assert.deepEqual(await registry.events.read({ limit: 1, types: ['b.b'], after: '1400-0' }), {
      items: [],
      next: null,
    });
  });

  it('refuses what is no id, and no limit', async () => {
    const { events } = registry;
    const refused = { code: 'invalid_request' };
    await assert.rejects(events.read({ limit: 0 }), refused);
    await assert.rejects(events.read({ limit: 501 }), refused);
    await assert.rejects(events.read({ limit: 1, after: '+' }), refused);
    await assert.rejects(events.read({ limit: 1, before: '(1-0' }), refused);
    await assert.rejects(events.follow('$'), refused);
  });
});
