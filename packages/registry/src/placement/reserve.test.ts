import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { randomId, silentLogger } from '@culvert/base';
import { Redis } from 'ioredis';
import { createKeys, ownerRef } from '../keys.ts';
import { Registry } from '../registry.ts';
import { claimOf, nodeOf, READY, readyNode, takes } from '../testing/fixtures.ts';
import { startRedis, type TestRedis } from '../testing/start-redis.ts';
import type { NodeInfo, NodeLoad } from '../types.ts';
import { Placement } from './placement.ts';
import type { ReserveReply, ReserveRequest } from './reserve.ts';

const FAST = { admissionRate: 100_000 };

describe('keeping a place', { timeout: 60_000 }, () => {
  let redis: TestRedis;
  let registry: Registry;
  const keys = createKeys();

  const connect = async (): Promise<Registry> => {
    // Thousands of calls at once are the point here; how long the last one waits is not.
    const connected = Registry.connect({ url: redis.url, logger: silentLogger, commandTimeoutMs: 20_000 });
    await connected.waitUntilAvailable(AbortSignal.timeout(5_000));
    return connected;
  };
  const reserve = (candidates: ReserveRequest['candidates'], more: Partial<ReserveRequest> = {}) =>
    registry.reserve({
      ...{ sessionId: randomId('s'), candidates, pool: 'default', holdMs: 60_000, horizonMs: 10_000, ...more },
    });
  const isPlace = (reply: ReserveReply): Extract<ReserveReply, { outcome: 'reserved' }> => {
    assert.ok(reply.outcome === 'reserved', reply.outcome);
    return reply;
  };
  const worker = (over: Partial<NodeInfo> = {}): Promise<NodeInfo> => readyNode(registry, { ...FAST, ...over });

  before(async () => {
    redis = await startRedis();
    registry = await connect();
  });
  after(async () => {
    await registry.close();
    await redis.stop();
  });

  it('takes the least filled by the share of its capacity: what is served there, and what is about to come', async () => {
    const small = await worker({ capacity: 2 });
    const big = await worker({ capacity: 10 });
    for (let i = 0; i < 3; i += 1) await takes(registry, claimOf(big));
    assert.equal(isPlace(await reserve([big, small])).node, small.id, 'a third is more than nothing');
    const places = [];
    for (let i = 0; i < 4; i += 1) places.push(isPlace(await reserve([small, big])).node);
    assert.deepEqual(places, [big.id, big.id, small.id, big.id], 'by share, and the better liked of equals');
  });

  it('no worker is given more than it has room for; a claim uses its reservation up, and needs none', async () => {
    const node = await worker({ capacity: 3 });
    const sessionId = randomId('s');
    isPlace(await reserve([node], { sessionId }));
    await takes(registry, claimOf(node, { sessionId }));
    isPlace(await reserve([node]));
    await takes(registry, claimOf(node));
    assert.deepEqual(await reserve([node]), { outcome: 'full' });
    assert.equal(isPlace(await reserve([node, await worker()])).outcome, 'reserved');
  });

  it('whoever asks again has one place, and its slot; going elsewhere gives the first one up', async () => {
    const node = await worker({ capacity: 1 });
    const other = await worker({ capacity: 1 });
    const sessionId = randomId('s');
    const first = isPlace(await reserve([node], { sessionId }));
    assert.deepEqual(await reserve([node, other], { sessionId }), first, 'kept, though the other one is empty');
    assert.deepEqual(await reserve([node]), { outcome: 'full' });
    await registry.setCordoned(node.id, true);
    assert.equal(isPlace(await reserve([node, other], { sessionId })).node, other.id);
    await registry.setCordoned(node.id, false);
    isPlace(await reserve([node]));
  });

  it('a worker that has the session needs no room for it, and no slot', async () => {
    const node = await worker({ capacity: 1, admissionRate: 1 });
    const claim = claimOf(node);
    await takes(registry, claim);
    for (let i = 0; i < 5; i += 1) {
      const reply = await reserve([node], { sessionId: claim.sessionId, horizonMs: 0 });
      assert.deepEqual(reply, { outcome: 'reserved', node: node.id, delayMs: 0 });
    }
    assert.deepEqual(await reserve([node]), { outcome: 'full' });
  });

  it('a reservation that has expired is void', async () => {
    const node = await worker({ capacity: 1 });
    isPlace(await reserve([node], { holdMs: 300 }));
    assert.deepEqual(await reserve([node]), { outcome: 'full' });
    const giveUpAt = performance.now() + 5_000;
    // Only Redis's own clock ends it.
    while ((await reserve([node])).outcome === 'full') assert.ok(performance.now() < giveUpAt, 'it never expires');
    await using client = clientOf(redis);
    assert.ok((await client.redis.pttl(keys.reserved(node.id))) > 0, 'the last one is kept, not for ever');
  });

  it('never chooses a dead, cordoned or busy worker, another boot, another pool, or no worker at all', async () => {
    const dead = await worker();
    await registry.leave(dead);
    const lapsed = await worker();
    await using client = clientOf(redis);
    await client.redis.zadd(keys.leases, 1, ownerRef(lapsed));
    const cordoned = await worker();
    await registry.setCordoned(cordoned.id, true);
    const inState = async (state: NodeLoad['state']): Promise<NodeInfo> => {
      const node = nodeOf(FAST);
      await registry.beat({ node, load: { ...READY, state } });
      return node;
    };
    const useless = [
      ...[dead, lapsed, nodeOf(FAST), cordoned, await inState('draining'), await inState('suspect')],
      ...[{ ...(await worker()), boot: 'another' }, await worker({ pool: 'blue' }), await worker({ role: 'gateway' })],
    ];
    for (const [at, node] of useless.entries()) {
      assert.deepEqual(await reserve([node]), { outcome: 'none' }, `number ${at}`);
    }
    const good = await worker();
    await takes(registry, claimOf(good));
    assert.equal(isPlace(await reserve([...useless.slice(0, 7), good])).node, good.id);
  });

  it('slots of one worker are spaced by its rate, after a burst', async () => {
    const node = await worker({ admissionRate: 20 });
    const since = performance.now();
    const replies = await Promise.all(Array.from({ length: 60 }, () => reserve([node])));
    const tookMs = performance.now() - since;
    const delays = replies.map((reply) => isPlace(reply).delayMs).toSorted((a, b) => a - b);
    const atOnce = delays.filter((delay) => delay === 0).length;
    assert.ok(atOnce >= 40 && atOnce <= 40 + tookMs / 50 + 1, `${atOnce} at once`);
    const last = delays.at(-1) ?? 0;
    // 20 more than the burst, 50 ms apart, less the time in which they were asked for.
    assert.ok(last <= 1_000 && last >= 950 - tookMs, `the last in ${last} ms`);
    for (let at = atOnce + 1; at < 60; at += 1) {
      const gap = (delays[at] ?? 0) - (delays[at - 1] ?? 0);
      assert.ok(gap <= 51 && gap >= 49 - tookMs, `${gap} ms between two`);
    }
  });

  it('beyond the horizon, another worker is taken; with none, it is told when to ask again', async () => {
    const slow = await worker({ admissionRate: 1 });
    const quick = await worker();
    const horizonMs = 2_500;
    const at = async () => isPlace(await reserve([slow], { horizonMs })).delayMs;
    assert.deepEqual([await at(), await at()], [0, 0]);
    assert.ok((await at()) > 500);
    assert.ok((await at()) > 1_500);
    const refused = await reserve([slow], { horizonMs });
    assert.ok(refused.outcome === 'overloaded');
    assert.ok(refused.retryAfterMs > 0 && refused.retryAfterMs <= 500, `${refused.retryAfterMs} ms`);
    for (let i = 0; i < 5; i += 1) await takes(registry, claimOf(quick));
    assert.deepEqual(isPlace(await reserve([slow, quick], { horizonMs })), {
      ...{ outcome: 'reserved', node: quick.id, delayMs: 0 },
    });
    assert.deepEqual(await reserve([await worker({ admissionRate: 0 })]), { outcome: 'none' });
  });

  it('keeps no admission of workers that are gone', async () => {
    await using client = clientOf(redis);
    const gone = await Promise.all(Array.from({ length: 20 }, () => worker()));
    for (const node of gone) isPlace(await reserve([node]));
    for (const node of gone) await registry.leave(node);
    await client.redis.hdel(keys.nodes, ...(await client.redis.hkeys(keys.nodes)));
    const node = await worker();
    isPlace(await reserve([node]));
    assert.deepEqual(await client.redis.hkeys(keys.admission), [node.id]);
  });

  it('a herd that comes through several processes, all with the same old loads, is spread evenly', async () => {
    const pool = 'herd';
    const workers = await Promise.all(Array.from({ length: 10 }, () => worker({ pool, capacity: 1_000 })));
    const nodes = await registry.listNodes();
    const registries = await Promise.all(Array.from({ length: 4 }, connect));
    const placements = registries.map((one) => new Placement({ registry: one, nodes: async () => nodes }));
    const places = await Promise.all(
      Array.from({ length: 2_000 }, (_, i) =>
        placements[i % 4]?.place({ sessionId: `s_herd_${i}`, pools: [pool], exclude: [] }),
      ),
    );
    await Promise.all(registries.map((one) => one.close()));
    const counts = workers.map(({ id }) => places.filter((place) => place?.worker.id === id).length);
    assert.ok(Math.max(...counts) <= 1.1 * 200, counts.join(' '));
    assert.equal(
      counts.reduce((sum, count) => sum + count),
      2_000,
    );
  });
});

function clientOf(server: TestRedis) {
  const redis = new Redis(server.url);
  return {
    redis,
    [Symbol.asyncDispose]: async (): Promise<void> => redis.disconnect(),
  };
}
