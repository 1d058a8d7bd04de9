import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sleep } from '@culvert/base';
import { startCluster, type TestCluster } from '@culvert/registry/testing';
import { extent, inFull } from '../support/chaos/extent.ts';
import { PREFIX, RedisChaos } from '../support/chaos/redis-chaos.ts';

/** All keys are in one slot: this is one of them. */
const KEY = `{${PREFIX}}:nodes`;
const MIGRATIONS = extent(4, 1);
/** A slot in between: some keys here, some there, and whoever needs both has to wait. */
const BATCH = { keys: 5, pauseMs: 50 };

inFull(() => {
  describe('a Redis Cluster of three primaries that fails', { timeout: 600_000 }, () => {
    let redis: TestCluster;
    let them: RedisChaos;
    const scope = new AsyncDisposableStack();
    before(async () => {
      redis = scope.use(await startCluster({ replicas: true }));
      them = scope.use(await RedisChaos.open({ url: redis.url }));
    });
    after(() => scope.disposeAsync());

    it('our slot goes to another primary', async () => {
      for (let migration = 0; migration < MIGRATIONS; migration += 1) {
        const before = await redis.urlOf(KEY);
        await them.rehearse('Redis Cluster: migration of our slot', () =>
          redis.migrateSlotOf(KEY, { batch: BATCH.keys, afterBatch: () => sleep(BATCH.pauseMs) }),
        );
        assert.notEqual(await redis.urlOf(KEY), before);
      }
    });

    it('kill -9 of the primary of our slot', async () => {
      const before = await redis.urlOf(KEY);
      await them.rehearse('Redis Cluster: kill -9 of the slot’s primary', async () => {
        await redis.killPrimaryOf(KEY);
        await redis.recovered(KEY);
      });
      assert.notEqual(await redis.urlOf(KEY), before);
    });
  });
});
