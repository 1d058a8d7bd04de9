import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import { Registry } from './registry.ts';
import { beats, nodeOf, READY } from './testing/fixtures.ts';
import { startRedis, type TestRedis } from './testing/index.ts';
import type { NodeView } from './types.ts';

describe('what a beat tells besides', () => {
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

  const read = async (id: string): Promise<NodeView> =>
    (await registry.getNode(id)) ?? assert.fail('the registry does not know it');

  it('is read as it was told; counts are exact however large', async () => {
    const node = nodeOf();
    const vitals = {
      busy: 3,
      bytesIn: 9_007_199_254_740_991,
      bytesOut: 123_456_789_012_345,
      startedAt: 1_790_000_000_123,
    };
    await beats(registry, node, { ...READY, sessions: 5, ...vitals, problems: ['disk: "no" space'] });
    assert.partialDeepStrictEqual(await read(node.id), { sessions: 5, ...vitals, problems: ['disk: "no" space'] });
    await beats(registry, node, { ...READY, ...vitals, busy: 0, bytesIn: 0, problems: [] });
    const later = await read(node.id);
    assert.partialDeepStrictEqual(later, { ...vitals, busy: 0, bytesIn: 0 });
    assert.equal(later.problems, undefined, 'those that are over are forgotten');
  });

  it('stays through a cordon, and ends with a boot that does not tell it', async () => {
    const node = nodeOf();
    await beats(registry, node, { ...READY, busy: 1, bytesIn: 1e15, bytesOut: 2, startedAt: 3, problems: ['x: y'] });
    await registry.setCordoned(node.id, true);
    assert.partialDeepStrictEqual(await read(node.id), { busy: 1, bytesIn: 1e15, startedAt: 3, problems: ['x: y'] });
    await beats(registry, { ...node, boot: 'older-release' });
    const older = await read(node.id);
    const { busy, bytesIn, bytesOut, startedAt, problems } = older;
    assert.deepEqual(
      [busy, bytesIn, bytesOut, startedAt, problems],
      [undefined, undefined, undefined, undefined, undefined],
    );
    assert.equal(older.sessions, 0);
  });

  it('has the time of the beat, by the clock of Redis', async () => {
    const node = nodeOf();
    await beats(registry, node);
    const first = await read(node.id);
    await beats(registry, node);
    const second = await read(node.id);
    assert.ok((second.beatAt ?? 0) >= (first.beatAt ?? Number.POSITIVE_INFINITY));
    assert.ok(Math.abs((second.beatAt ?? 0) - (registry.redisNow() ?? 0)) < 5_000);
  });
});
