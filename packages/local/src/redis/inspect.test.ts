import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startCluster, startRedis, startSentinel } from '@culvert/registry/testing';
import { inspectRedis } from './inspect.ts';

const roles = (report: Awaited<ReturnType<typeof inspectRedis>>): string[] =>
  report.servers.map(({ role }) => role).sort();

describe('a look at Redis', () => {
  it('tells what one server is', async () => {
    await using redis = await startRedis({ args: ['--maxmemory-policy', 'allkeys-lru'] });
    const report = await inspectRedis(redis.url);
    assert.deepEqual(report.servers, [{ role: 'primary', address: redis.url }]);
    assert.match(report.version, /^(Redis|Valkey) \d+\.\d+/);
    assert.equal(report.evictionPolicy, 'allkeys-lru');
    assert.ok(report.latencyMs > 0 && Math.abs(report.clockSkewMs) < 1_000);
  });

  it('tells the sentinels, which of them is away, the primary and its replica', async () => {
    await using sentinel = await startSentinel();
    const report = await inspectRedis(sentinel.url.replace('://', '://127.0.0.1:1,'));
    assert.deepEqual(roles(report), ['primary', 'replica', 'sentinel', 'sentinel', 'sentinel', 'sentinel']);
    const primary = (await sentinel.primaryUrl()).replace('redis://', '');
    assert.equal(report.servers.find(({ role }) => role === 'primary')?.address, primary);
    const sentinels = report.servers.filter(({ role }) => role === 'sentinel');
    assert.equal(sentinels.filter(({ detail }) => detail === `names ${primary}`).length, 3);
    assert.match(sentinels.find(({ trouble }) => trouble)?.trouble ?? '', /nothing listens there/);
  });

  it("tells the owner of the prefix's slot in a cluster", async () => {
    await using cluster = await startCluster();
    for (const prefix of ['culvert', 'other']) {
      const report = await inspectRedis(cluster.url, prefix);
      assert.deepEqual(roles(report), ['owner', 'primary', 'primary']);
      const owner = (await cluster.urlOf(`{${prefix}}:nodes`)).replace('redis://', '');
      assert.equal(report.servers.find(({ role }) => role === 'owner')?.address, owner);
    }
  });

  it('that is not there says so, within its deadline', async () => {
    await assert.rejects(inspectRedis('redis://127.0.0.1:1'), /Redis cannot be used: nothing listens there/);
    await assert.rejects(inspectRedis('redis+sentinel://127.0.0.1:1/primary'), /no sentinel says where the primary is/);
  });
});
