import { CulvertError } from '@culvert/base';
import { Redis, type RedisOptions } from 'ioredis';
import { describeRedisError } from './errors.ts';
import { connectorTo, fixedAt } from './primary-connector.ts';
import type { HostPort } from './url-parts.ts';

/** A server that does not answer within this is passed over. */
const ASK_TIMEOUT_MS = 1_000;
/** More are not asked at a time. */
const ASKED_AT_ONCE = 5;

/** Options of the connections that only ask where the primary is. */
export function askerOptions(login: RedisOptions, at: HostPort): RedisOptions {
  return {
    ...login,
    ...at,
    Connector: connectorTo(fixedAt(at), login.tls),
    lazyConnect: true,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    protocol: 2, // sentinels before 6.2 know no other
    connectTimeout: ASK_TIMEOUT_MS,
    commandTimeout: ASK_TIMEOUT_MS,
    disableClientInfo: true,
    connectionName: 'culvert',
  };
}

/**
 * The first answer of any of these servers, a few of them asked at the same time; in any order, so that a thousand
 * nodes do not all ask the same one. Rejects with the reason of one of them if none answers.
 */
export async function askAny<T>(
  what: string,
  login: RedisOptions,
  servers: readonly HostPort[],
  signal: AbortSignal,
  question: (redis: Redis, at: HostPort) => Promise<T>,
): Promise<T> {
  const answered = new AbortController();
  const stop = AbortSignal.any([signal, answered.signal]);
  const asked = shuffled(servers).slice(0, ASKED_AT_ONCE);
  try {
    return await Promise.any(asked.map((at) => ask(login, at, stop, question)));
  } catch (error) {
    const [first] = error instanceof AggregateError ? error.errors : [error];
    const why = first instanceof CulvertError ? first.message : describeRedisError(first);
    throw new CulvertError('registry_unavailable', `no ${what} says where the primary is: ${why}`);
  } finally {
    answered.abort();
  }
}

/** What one server answers, over a connection of its own. Rejects with ioredis's error, or `Connection is closed`. */
export async function ask<T>(
  login: RedisOptions,
  at: HostPort,
  signal: AbortSignal,
  question: (redis: Redis, at: HostPort) => Promise<T>,
): Promise<T> {
  const redis = new Redis({ ...askerOptions(login, at), replyMapping: 'legacy', retryStrategy: () => null });
  let reason: unknown; // what is rejected below may only say that the connection is closed
  redis.on('error', (error: unknown) => {
    reason = error;
  });
  const stop = (): void => redis.disconnect();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await redis.connect();
    return await question(redis, at);
  } catch (error) {
    throw reason ?? error;
  } finally {
    signal.removeEventListener('abort', stop);
    redis.disconnect();
  }
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
