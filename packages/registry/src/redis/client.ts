import type { Backoff } from '@culvert/base';
import { Redis, type RedisOptions } from 'ioredis';
import { SlotDiscovery } from './cluster.ts';
import { isElsewhere } from './errors.ts';
import type { RedisAddress } from './options.ts';
import { connectorTo, type Discovery, fixedAt } from './primary-connector.ts';
import { SentinelDiscovery } from './sentinel.ts';

/** Silence after which a socket is thrown away: a half-open one never reports an error by itself. */
const SOCKET_TIMEOUT_MS = 5_000;
const CONNECT_TIMEOUT_MS = 3_000;
/** `closeClient` does not wait longer than this for Redis to see the end. */
const CLOSE_TIMEOUT_MS = 1_000;

/** How an ioredis client gets to the server that has `key`: on every form, one connection to one server. */
export function redisOptions(address: RedisAddress, key: string): RedisOptions {
  return { ...address.options, Connector: connectorTo(discoveryOf(address, key), address.options.tls) };
}

function discoveryOf(address: RedisAddress, key: string): Discovery {
  const { form, sentinel, options } = address;
  if (sentinel) return new SentinelDiscovery(address, sentinel);
  if (form === 'cluster') return new SlotDiscovery(address, key);
  const { path, host = '127.0.0.1', port = 6379 } = options;
  return fixedAt(path == null ? { host, port } : { path });
}

/** A client that never queues: a claim that runs late is worse than one that fails. */
export function createClient(address: RedisAddress, key: string, commandTimeoutMs: number, backoff: Backoff): Redis {
  return new Redis({
    ...redisOptions(address, key),
    replyMapping: 'legacy',
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    // 0: what was in flight when the connection broke is rejected at once, not at its timeout.
    maxRetriesPerRequest: 0,
    // Ours is `checkServer`; ioredis's own writes to the console and leaves a timer behind.
    enableReadyCheck: false,
    commandTimeout: commandTimeoutMs,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    connectionName: 'culvert',
    disableClientInfo: true,
    retryStrategy: () => backoff.next(),
    reconnectOnError: isElsewhere,
  });
}

/** Resolves once the client has let go of its socket, or after CLOSE_TIMEOUT_MS. */
export function closeClient(redis: Redis): Promise<void> {
  const connected = redis.status === 'ready' || redis.status === 'connect' || redis.status === 'connecting';
  return new Promise((resolve) => {
    if (!connected) {
      redis.disconnect();
      resolve();
      return;
    }
    const timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
    redis.once('end', () => {
      clearTimeout(timer);
      resolve();
    });
    redis.disconnect();
  });
}
