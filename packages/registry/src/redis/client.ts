import type { Backoff } from '@culvert/base';
import { Redis, type RedisOptions } from 'ioredis';
import { SlotDiscovery } from './cluster.ts';
import { isElsewhere } from './errors.ts';
import type { RedisAddress } from './options.ts';
import { PrimaryConnector } from './primary-connector.ts';
import { SentinelDiscovery } from './sentinel.ts';

/** Silence after which a socket is thrown away: a half-open one never reports an error by itself. */
const SOCKET_TIMEOUT_MS = 5_000;
const CONNECT_TIMEOUT_MS = 3_000;
/** A socket that is ended is destroyed after this: a frozen server never closes its side. */
const DISCONNECT_TIMEOUT_MS = 100;
/** `closeClient` does not wait longer than this for Redis to see the end. */
const CLOSE_TIMEOUT_MS = 1_000;

/** How an ioredis client gets to the server that has `key`: on every form, one connection to one server. */
export function redisOptions(address: RedisAddress, key: string): RedisOptions {
  const { form, options, sentinel } = address;
  if (form === 'single') return options;
  const discovery = sentinel ? new SentinelDiscovery(address, sentinel) : new SlotDiscovery(address, key);
  return {
    ...options,
    Connector: class extends PrimaryConnector {
      constructor() {
        super(discovery, options.tls);
      }
    },
  };
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
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
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
