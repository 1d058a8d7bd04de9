import { Redis } from 'ioredis';

const TIMEOUT_MS = 5_000;

/** Runs one command of a test on a connection of its own. */
export async function asking<T>(
  port: number,
  work: (redis: Redis) => Promise<T>,
  commandTimeout = TIMEOUT_MS,
): Promise<T> {
  const redis = new Redis({
    port,
    host: '127.0.0.1',
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    disableClientInfo: true,
    protocol: 2,
    connectTimeout: 2_000,
    commandTimeout,
    disconnectTimeout: 100,
  });
  redis.on('error', () => undefined); // the rejection tells it
  try {
    await redis.connect();
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

export function info(port: number): Promise<string> {
  return asking(port, (redis) => redis.info());
}
