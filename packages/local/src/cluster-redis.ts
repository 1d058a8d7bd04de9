import { join } from 'node:path';
import { CulvertError, silentLogger, sleep } from '@culvert/base';
import type { RedisRestartOrder } from '@culvert/contracts';
import type { ClusterSecret } from '@culvert/service';
import type { ResolvedOptions } from './cluster-options.ts';
import { findRedisBinary } from './redis/binary.ts';
import { RedisServer } from './redis/server.ts';

/** The Redis of a cluster: its own, or one that was there before. */
export interface ClusterRedis {
  readonly url: string;
  readonly prefix: string;
  readonly pid: number | undefined;
  /** Ends a private one; `stop('SIGKILL')` loses what the last second wrote. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Starts a private one again, on the same port; `empty`: without its data. */
  start(options?: { empty?: boolean }): Promise<void>;
}

export async function openRedis(options: ResolvedOptions, logs: string, secret: ClusterSecret): Promise<ClusterRedis> {
  const { redisUrl, redisPrefix, onEvent } = options;
  if (redisUrl === undefined) return openPrivate(options, logs, secret);
  const own = secret.mac('redis-prefix').toString('hex').slice(0, 8);
  onEvent({ event: 'redis.ready', source: 'given' });
  return { url: redisUrl, prefix: redisPrefix ?? `culvert-${own}`, pid: undefined, stop: notOurs, start: notOurs };
}

/** It ends as by kill -9, stays away for so long, and comes back on the same port. */
export async function restartedRedis(redis: ClusterRedis, { empty, downMs }: RedisRestartOrder): Promise<void> {
  await redis.stop('SIGKILL');
  await sleep(downMs);
  await redis.start({ empty });
}

async function openPrivate(options: ResolvedOptions, logs: string, secret: ClusterSecret): Promise<ClusterRedis> {
  const { dataDir, cacheDir, durable, redisPrefix = 'culvert', onEvent, signal } = options;
  const tell = (_fields: unknown, message: string): void => onEvent({ event: 'redis.fetching', message });
  const server = await RedisServer.start({
    binary: await findRedisBinary({ cacheDir, logger: { ...silentLogger, info: tell }, signal }),
    dir: join(dataDir, 'redis'),
    logFile: join(logs, 'redis.log'),
    password: secret.mac('redis-password').toString('hex'),
    durable,
  });
  server.onDeath((message) => onEvent({ event: 'redis.exit', message }));
  onEvent({ event: 'redis.ready', source: 'private', port: server.port });
  return {
    url: server.url,
    prefix: redisPrefix,
    get pid() {
      return server.pid;
    },
    stop: (signal) => server.stop(signal),
    start: (startOptions) => server.start(startOptions),
  };
}

function notOurs(): Promise<void> {
  return Promise.reject(new CulvertError('invalid_request', 'this cluster uses a Redis that it did not start'));
}
