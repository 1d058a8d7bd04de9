import { registryContract } from './testing/contract.ts';
import { factoryOn } from './testing/factories.ts';
import { startCluster } from './testing/start-cluster.ts';
import { startRedis } from './testing/start-redis.ts';
import { startSentinel } from './testing/start-sentinel.ts';

/** The least rights that the registry does with: those of docs/REDIS.md. */
const RULES = [
  ...['~{culvert}:*', '&{culvert}:*', '-@all', '+@read', '+@write', '+@scripting', '+@pubsub', '+@connection'],
  ...['-@dangerous', '+info', '+time'],
];

registryContract('the registry on one Redis', async () => {
  const redis = await startRedis();
  return factoryOn({ url: redis.url, adminUrl: async () => redis.adminUrl, stop: redis.stop });
});

registryContract('the registry on one Redis, over TLS and as a user with few rights', async () => {
  const redis = await startRedis({ tls: true, user: { name: 'culvert', password: 'not-a-secret', rules: RULES } });
  return factoryOn({ url: redis.url, adminUrl: async () => redis.adminUrl, stop: redis.stop });
});

registryContract('the registry on a primary that sentinels watch', async () => {
  const sentinel = await startSentinel();
  return factoryOn({ url: sentinel.url, adminUrl: () => sentinel.primaryUrl(), stop: () => sentinel.stop() });
});

registryContract('the registry on a Redis Cluster of three primaries', async () => {
  const cluster = await startCluster();
  return factoryOn({ url: cluster.url, adminUrl: () => cluster.urlOf('{culvert}:nodes'), stop: () => cluster.stop() });
});
