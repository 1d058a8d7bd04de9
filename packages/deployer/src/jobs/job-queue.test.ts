import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import { startRedis } from '@culvert/registry/testing';
import { Redis } from 'ioredis';
import { bullPrefix } from './connection.ts';
import { JobQueue, type TakenJob } from './job-queue.ts';

type Handle = (job: TakenJob<object>) => Promise<unknown>;

async function queueWith(handle: Handle, over: { deadlineMs?: number; lockMs?: number; concurrency?: number } = {}) {
  const redis = await startRedis();
  const at = { queue: 'tests', redis: redis.url, prefix: 'test', logger: silentLogger };
  const queue = new JobQueue<object>({ ...at, deadlineMs: 5_000, lockMs: 5_000, handle, ...over });
  const running = queue.run();
  return {
    queue,
    redis,
    async [Symbol.asyncDispose]() {
      await queue.close({ callOff: true });
      await running;
      await redis.stop();
    },
  };
}

/** Resolves when the signal is aborted. */
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

describe('a job queue', () => {
  it('has one job of a name at a time, and takes the name again when that is over', async () => {
    let runs = 0;
    let goOn = Promise.withResolvers<void>();
    let ended = Promise.withResolvers<void>();
    await using world = await queueWith(async ({ name }) => {
      if (name === 'last') return ended.resolve();
      runs += 1;
      await goOn.promise;
    });
    const { queue } = world;
    await queue.add('work', {}, { id: 'a/1' });
    await queue.add('work', {}, { id: 'a/1' });
    goOn.resolve();
    await queue.add('last', {}, { id: 'last-1' });
    await ended.promise;
    assert.equal(runs, 1);
    goOn = Promise.withResolvers();
    goOn.resolve();
    ended = Promise.withResolvers();
    await queue.add('work', {}, { id: 'a/1' });
    await queue.add('last', {}, { id: 'last-2' });
    await ended.promise;
    assert.equal(runs, 2);
  });

  it('gives up a handler that hangs, and goes on', async () => {
    const told = Promise.withResolvers<void>();
    const next = Promise.withResolvers<void>();
    await using world = await queueWith(
      async ({ name, signal }) => {
        if (name === 'next') return next.resolve();
        void aborted(signal).then(told.resolve);
        await new Promise(() => undefined);
      },
      { deadlineMs: 50 },
    );
    await world.queue.add('hang', {}, { id: 'hang-1' });
    await world.queue.add('next', {}, { id: 'next-1' });
    await Promise.all([told.promise, next.promise]);
  });

  it('tries what failed again, and says how often it still will', async () => {
    const left: number[] = [];
    const last = Promise.withResolvers<void>();
    await using world = await queueWith(async ({ attemptsLeft }) => {
      left.push(attemptsLeft);
      if (attemptsLeft === 0) return last.resolve();
      throw new Error('no luck');
    });
    await world.queue.add('work', {}, { id: 'w-1', attempts: 3, retryMs: 5 });
    await last.promise;
    assert.deepEqual(left, [2, 1, 0]);
  });

  it('calls a handler off whose lock was lost', async () => {
    const begun = Promise.withResolvers<void>();
    const told = Promise.withResolvers<unknown>();
    const handle: Handle = async ({ signal }) => {
      begun.resolve();
      await aborted(signal);
      told.resolve(signal.reason);
    };
    await using world = await queueWith(handle, { lockMs: 1_000, concurrency: 2 });
    await world.queue.add('work', {}, { id: 'w-1' });
    await begun.promise;
    const redis = new Redis(world.redis.url);
    assert.equal(await redis.del(`${bullPrefix('test')}:tests:w-1:lock`), 1);
    redis.disconnect();
    assert.equal(await told.promise, 'the lock of the job was lost');
  });
});
