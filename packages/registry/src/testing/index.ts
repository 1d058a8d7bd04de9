export { asking, info } from './asking.ts';
export { type RegistryFactory, registryContract } from './contract.ts';
export { startCluster, type TestCluster, type TestClusterOptions } from './start-cluster.ts';
export { startRedis, type TestRedis, type TestRedisOptions } from './start-redis.ts';
export { startSentinel, type TestSentinel } from './start-sentinel.ts';
