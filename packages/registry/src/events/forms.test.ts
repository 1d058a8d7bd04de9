import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import { Redis } from 'ioredis';
import { Registry } from '../registry.ts';
import { startCluster } from '../testing/start-cluster.ts';
import { startSentinel } from '../testing/start-sentinel.ts';
import type { EventFollower } from './follower.ts';

const KEY = '{culvert}:events';

async function connect(url: string): Promise<Registry> {
  const registry = Registry.connect({ url, logger: silentLogger });
  await registry.waitUntilAvailable(AbortSignal.timeout(10_000));
  return registry;
}

/** Writes entries with these numbers to the server at `url`. */
async function write(url: string, ...numbers: number[]): Promise<void> {
  const client = new Redis(url);
  try {
    for (const n of numbers) await client.xadd(KEY, '*', 'type', 'test.number', 'n', String(n));
  } finally {
    client.disconnect();
  }
}

/** Reads until it has met the entry number `last`; entries as their numbers, gaps as 'gap'. */
async function until(follower: EventFollower, last: number): Promise<(number | string)[]> {
  const met: (number | string)[] = [];
  while (!met.includes(last)) {
    const followed = await follower.next();
    assert.ok(followed, 'it has ended');
    if (followed.kind === 'entries') met.push(...followed.entries.map(({ fields }) => Number(fields.n)));
    if (followed.kind === 'gap') met.push('gap');
  }
  return met;
}

describe('following the history', { timeout: 60_000 }, () => {
  it('over a failover that lost writes: what is new comes once', async () => {
    await using sentinel = await startSentinel();
    await using registry = await connect(sentinel.url);
    const follower = await registry.events.follow();
    await write(await sentinel.primaryUrl(), 1, 2);
    assert.deepEqual(await until(follower, 2), [1, 2]);
    await sentinel.cutReplication();
    await write(await sentinel.primaryUrl(), 3);
    assert.deepEqual(await until(follower, 3), [3]);
    const next = until(follower, 5);
    await sentinel.killPrimary();
    await sentinel.promoted();
    const url = await sentinel.primaryUrl();
    await write(url, 4, 5);
    assert.deepEqual(
      (await next).filter((one) => one !== 'gap'), // the id that was lost may be passed before it is missed
      [4, 5],
    );
  });

  it('over the migration of its slot: nothing is lost, nothing comes twice', async () => {
    await using cluster = await startCluster();
    await using registry = await connect(cluster.url);
    const follower = await registry.events.follow();
    await write(await cluster.urlOf(KEY), 1, 2);
    assert.deepEqual(await until(follower, 2), [1, 2]);
    const next = until(follower, 4);
    await cluster.migrateSlotOf(KEY);
    await write(await cluster.urlOf(KEY), 3, 4);
    assert.deepEqual(await next, [3, 4]);
  });
});
