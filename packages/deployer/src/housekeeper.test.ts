import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type LogFields, type Logger, silentLogger } from '@culvert/base';
import { startCluster, startRedis, startSentinel } from '@culvert/registry/testing';
import { Queue } from 'bullmq';
import { Housekeeper } from './housekeeper.ts';
import { bullPrefix } from './jobs/connection.ts';

/** A logger that tells of each event. */
function listen(): { logger: Logger; event(name: string): Promise<void>; events: string[] } {
  const events: string[] = [];
  const waiting = new Map<string, () => void>();
  const hear = (fields: LogFields): void => {
    const event = String(fields.event);
    events.push(event);
    waiting.get(event)?.();
  };
  const logger: Logger = { ...silentLogger, info: hear, warn: hear, child: () => logger };
  const event = (name: string): Promise<void> =>
    new Promise((resolve) => (events.includes(name) ? resolve() : waiting.set(name, resolve)));
  return { logger, event, events };
}

describe('the housekeeper', () => {
  it('does its work again and again, under keys of the cluster, once however many there are', async () => {
    await using redis = await startRedis();
    const twice = Promise.withResolvers<void>();
    let runs = 0;
    const work = async (): Promise<void> => {
      runs += 1;
      if (runs === 2) twice.resolve();
    };
    const options = { redis: redis.url, prefix: 'test', work, everyMs: 200, logger: silentLogger };
    const keepers = [new Housekeeper(options), new Housekeeper(options)];
    const running = keepers.map((keeper) => keeper.run());
    await twice.promise;
    const queue = new Queue('housekeeping', { connection: { url: redis.url }, prefix: bullPrefix('test') });
    assert.equal(await queue.getJobSchedulersCount(), 1);
    await queue.close();
    await Promise.all(keepers.map((keeper) => keeper.close()));
    await Promise.all(running);
    assert.equal(bullPrefix('test'), '{test}:bull');
  });

  it('goes on after the sentinels have named another primary, and after its slot of a cluster has moved', async () => {
    await using sentinel = await startSentinel();
    await using cluster = await startCluster();
    const moves: [string, () => Promise<void>][] = [
      [sentinel.url, () => sentinel.failOver()],
      [cluster.url, () => cluster.migrateSlotOf('{test}:bull')],
    ];
    for (const [redis, move] of moves) {
      let runs = 0;
      let next = Promise.withResolvers<void>();
      const work = async (): Promise<void> => {
        runs += 1;
        next.resolve();
      };
      const keeper = new Housekeeper({ redis, prefix: 'test', work, everyMs: 200, logger: silentLogger });
      const running = keeper.run();
      await next.promise;
      await move();
      for (const until = runs + 3; runs < until; ) {
        next = Promise.withResolvers<void>();
        await next.promise;
      }
      await keeper.close();
      await running;
    }
  });

  it('says once that Redis is away, goes to work when it is there, and stops whether it is or not', async () => {
    const first = await startRedis();
    const { port, url } = first;
    await first.stop();
    const { logger, event, events } = listen();
    const worked = Promise.withResolvers<void>();
    const keeper = new Housekeeper({
      redis: url,
      prefix: 'test',
      work: async () => worked.resolve(),
      everyMs: 200,
      logger,
    });
    const running = keeper.run();
    await event('queue.trouble');
    const second = await startRedis({ port });
    await event('queue.ready');
    assert.equal(events.filter((name) => name === 'queue.trouble').length, 1);
    await second.stop();
    await keeper.close();
    await running;
  });

  it('tells of work that failed, and goes on', async () => {
    await using redis = await startRedis();
    const { logger, event } = listen();
    let runs = 0;
    const again = Promise.withResolvers<void>();
    const work = async (): Promise<void> => {
      runs += 1;
      if (runs === 1) throw new Error('no luck');
      again.resolve();
    };
    const keeper = new Housekeeper({ redis: redis.url, prefix: 'test', work, everyMs: 200, logger });
    const running = keeper.run();
    await event('job.failed');
    await again.promise;
    await keeper.close();
    await running;
  });
});
