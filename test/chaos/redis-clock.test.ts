import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { LEASE_MS } from '@culvert/registry';
import { asking } from '@culvert/registry/testing';
import { extent, inFull } from '../support/chaos/extent.ts';
import { PREFIX, RedisChaos } from '../support/chaos/redis-chaos.ts';
import { type ClockedRedis, startClockedRedis } from '../support/redis/clocked-redis.ts';

const LEASES = `{${PREFIX}}:leases`;
const HOUR_S = 3_600;
const ROUNDS = extent(3, 1);
/** Leases that are over, or that would hold for an hour: until each worker has beaten once more. */
const OFFLINE_MS = 6_000;

inFull(() => {
  describe('a clock of Redis that jumps', { timeout: 300_000 }, () => {
    let clocked: ClockedRedis;
    let them: RedisChaos;
    const scope = new AsyncDisposableStack();
    before(async () => {
      clocked = scope.use(await startClockedRedis());
      them = scope.use(await RedisChaos.open({ url: clocked.redis.url }));
    });
    after(() => scope.disposeAsync());

    const ahead = async (): Promise<number> => {
      const [seconds] = await asking(clocked.redis.port, (redis) => redis.time());
      return Math.round((Number(seconds) - Date.now() / 1_000) / HOUR_S);
    };

    /** How long the last lease would hold if nobody beat any more, ms. */
    const longestLeaseMs = (): Promise<number> =>
      asking(clocked.redis.port, async (redis) => {
        const [[seconds], [, last]] = await Promise.all([redis.time(), redis.zrevrange(LEASES, 0, 0, 'WITHSCORES')]);
        return Number(last) - Number(seconds) * 1_000;
      });

    async function rehearse(name: string, hours: number): Promise<void> {
      const { epoch } = await them.chaos.owner();
      await them.rehearse(name, () => clocked.jumpTo(hours * HOUR_S), {
        offlineMs: OFFLINE_MS,
        refusedMs: OFFLINE_MS,
      });
      assert.equal(await ahead(), hours, 'the clock did not jump');
      assert.ok((await longestLeaseMs()) <= 2 * LEASE_MS, 'a lease holds for longer than it may');
      // A session that is opened now still has a higher number than all before.
      const { node } = await them.chaos.owner();
      await them.chaos.api.call('POST', `/nodes/${node}/drain`);
      const next = await them.chaos.ownerOtherThan(node);
      await them.chaos.api.call('POST', `/nodes/${node}/uncordon`);
      assert.ok(next.epoch > epoch, `epoch ${next.epoch} follows ${epoch}`);
    }

    for (let round = 0; round < ROUNDS; round += 1) {
      it('an hour ahead: every lease is over at once', () => rehearse('clock of Redis: an hour ahead', 1));
      it('two hours back: no lease holds for so long, and epochs rise', () =>
        rehearse('clock of Redis: two hours back', -1));
    }
  });
});
