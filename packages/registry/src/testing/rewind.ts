import type { Redis } from 'ioredis';

/**
 * Remembers all that a test's Redis holds. The function that it resolves to puts that back, as a replica does that becomes
 * the primary without the last writes.
 */
export async function rememberData(redis: Redis): Promise<() => Promise<void>> {
  const keys = await redis.keys('*');
  const dumps = await Promise.all(keys.map(async (key) => ({ key, dump: await redis.dumpBuffer(key) })));
  return async () => {
    await redis.flushall();
    for (const { key, dump } of dumps) if (dump) await redis.restore(key, 0, dump);
  };
}
