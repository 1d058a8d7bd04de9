export { type RegistryFactory, registryContract } from './contract.ts';
export { startRedis, type TestRedis, type TestRedisOptions } from './start-redis.ts';
