import { connect } from 'node:net';
import { CulvertError, withDeadline } from '@culvert/base';
import type { RedisForm, RedisServerView } from '@culvert/registry';
import type { Redis } from 'ioredis';

const PING_DEADLINE_MS = 1_000;
const INSPECT_DEADLINE_MS = 5_000;
const LATENCY_SAMPLES = 10;

/** Whether the Redis on that loopback port answers PING (and not `-LOADING`, while it reads its file). */
export function pingRedis(port: number, password: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: PING_DEADLINE_MS });
    let answer = '';
    const settle = (alive: boolean): void => {
      socket.destroy();
      resolve(alive);
    };
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.write(`AUTH ${password}\r\nPING\r\n`));
    socket.on('data', (text) => {
      answer += text;
      if (answer.includes('+PONG') || answer.includes('-')) settle(answer.includes('+PONG'));
    });
    socket.on('timeout', () => settle(false));
    socket.on('error', () => settle(false));
    socket.on('close', () => settle(false));
  });
}

export interface RedisReport {
  readonly form: RedisForm;
  /** Every server that matters, the one that has the registry's keys among them. */
  readonly servers: readonly RedisServerView[];
  /** `Redis 7.0.15`, `Valkey 8.1.1`: of the server that has the registry's keys, like all below. */
  readonly version: string;
  /** `noeviction`, or undefined where CONFIG is not allowed (managed services). */
  readonly evictionPolicy: string | undefined;
  /** Median round-trip of a PING, in ms. */
  readonly latencyMs: number;
  /** How far Redis's clock is ahead of this machine's, in ms; half a round-trip exact. */
  readonly clockSkewMs: number;
}

/**
 * Looks at a Redis once, over a connection of its own; `prefix` is that of the cluster's keys. Rejects with
 * `registry_unavailable`, or `config_invalid` for a malformed URL.
 */
export async function inspectRedis(url: string, prefix = 'culvert'): Promise<RedisReport> {
  // Only doctor needs them, and they take a while to load.
  const [{ Redis }, registry] = await Promise.all([import('ioredis'), import('@culvert/registry')]);
  const address = registry.parseRedisUrl(url);
  const { probe } = registry.createKeys(prefix);
  const redis = new Redis({
    ...registry.redisOptions(address, probe),
    replyMapping: 'legacy',
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  let cause: unknown;
  redis.on('error', (error) => {
    cause = error; // the rejection below only says that the connection is closed, or that it took too long
  });
  try {
    return await withDeadline(INSPECT_DEADLINE_MS, 'looking at Redis', async () => {
      await redis.connect();
      const servers = await registry.describeServers(redis, address, probe);
      return { form: address.form, servers, ...(await measure(redis)) };
    });
  } catch (error) {
    const reason = cause ?? error;
    throw new CulvertError('registry_unavailable', `Redis cannot be used: ${registry.describeRedisError(reason)}`);
  } finally {
    redis.disconnect();
  }
}

async function measure(redis: Redis): Promise<Omit<RedisReport, 'form' | 'servers'>> {
  const info = await redis.info('server');
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const valkey = field('valkey_version');
  const samples: number[] = [];
  for (let sample = 0; sample < LATENCY_SAMPLES; sample += 1) {
    const started = performance.now();
    await redis.ping();
    samples.push(performance.now() - started);
  }
  const before = Date.now();
  const [seconds, microseconds] = await redis.time();
  const middle = (before + Date.now()) / 2;
  return {
    version: valkey ? `Valkey ${valkey}` : `Redis ${field('redis_version') ?? '(unknown version)'}`,
    evictionPolicy: await evictionPolicy(redis),
    latencyMs: samples.toSorted((a, b) => a - b)[LATENCY_SAMPLES / 2] ?? 0,
    clockSkewMs: Number(seconds) * 1000 + Number(microseconds) / 1000 - middle,
  };
}

async function evictionPolicy(redis: Redis): Promise<string | undefined> {
  try {
    const pairs = await redis.config('GET', 'maxmemory-policy');
    return Array.isArray(pairs) && typeof pairs[1] === 'string' ? pairs[1] : undefined;
  } catch {
    return undefined; // CONFIG is renamed or forbidden on managed services
  }
}
