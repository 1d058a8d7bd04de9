import { silentLogger } from '@culvert/base';
import { Redis } from 'ioredis';
import { Registry } from './registry.ts';
import { type RegistryFactory, registryContract } from './testing/contract.ts';
import { subscribed } from './testing/fixtures.ts';
import { startRedis, type TestRedis } from './testing/start-redis.ts';

async function factoryOn(redis: TestRedis): Promise<RegistryFactory> {
  const admin = new Redis(redis.url);
  return {
    async connect(options = {}) {
      const registry = Registry.connect({ url: redis.url, logger: silentLogger, ...options });
      await Promise.all([registry.waitUntilAvailable(AbortSignal.timeout(5_000)), subscribed(registry)]);
      return registry;
    },
    async lose() {
      await admin.flushall();
    },
    async close() {
      admin.disconnect();
      await redis.stop();
    },
  };
}

registryContract('the registry on one Redis', async () => factoryOn(await startRedis()));

// A server in cluster mode refuses scripts whose keys are in several slots, so one that owns every slot tells all.
registryContract('the registry on a Redis Cluster', async () => {
  const redis = await startRedis({ args: ['--cluster-enabled', 'yes'] });
  const admin = new Redis(redis.url);
  await admin.call('CLUSTER', 'ADDSLOTS', ...Array.from({ length: 16_384 }, (_, slot) => slot));
  while (!String(await admin.call('CLUSTER', 'INFO')).includes('cluster_state:ok')) await admin.ping();
  admin.disconnect();
  return factoryOn(redis);
});
