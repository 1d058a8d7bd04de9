import { registryContract } from './testing/contract.ts';
import { documentedAcl } from './testing/documented-acl.ts';
import { factoryOn } from './testing/factories.ts';
import { startCluster } from './testing/start-cluster.ts';
import { startRedis } from './testing/start-redis.ts';
import { startSentinel } from './testing/start-sentinel.ts';

registryContract('the registry on one Redis', async () => {
  const redis = await startRedis();
  return factoryOn({ url: redis.url, adminUrl: async () => redis.adminUrl, stop: redis.stop });
});

registryContract('the registry on one Redis, over TLS and as a user with the documented rights', async () => {
  const user = { name: 'culvert', password: 'not-a-secret', rules: documentedAcl('culvert') };
  const redis = await startRedis({ tls: true, user });
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
