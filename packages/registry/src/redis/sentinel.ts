import { Backoff, CulvertError } from '@culvert/base';
import { Redis, type RedisOptions } from 'ioredis';
import { askAny, askerOptions } from './ask.ts';
import type { RedisAddress, SentinelLogin } from './options.ts';
import type { Discovery, Place } from './primary-connector.ts';
import type { HostPort } from './url-parts.ts';

/** What sentinels publish when they made another server the primary. */
const SWITCHED = '+switch-master';
const WATCH_FIRST_MS = 500;
const WATCH_MAX_MS = 15_000;

/** The primary that the sentinels name. */
export class SentinelDiscovery implements Discovery {
  readonly #sentinels: readonly HostPort[];
  readonly #login: RedisOptions;
  readonly #primary: string;

  constructor(address: RedisAddress, sentinel: SentinelLogin) {
    this.#sentinels = address.hosts;
    this.#primary = sentinel.primary;
    this.#login = sentinelLogin(address, sentinel);
  }

  find(signal: AbortSignal): Promise<HostPort> {
    return askAny('sentinel', this.#login, this.#sentinels, signal, (redis) => namedPrimary(redis, this.#primary));
  }

  /** A primary that is cut off from its sentinels, but not from us, says nothing itself: they do. */
  watch(at: Place, moved: () => void): () => void {
    const compare = (now: HostPort): void => {
      if (!('host' in at) || now.host !== at.host || now.port !== at.port) moved();
    };
    const watchers = this.#sentinels.map((sentinel) => this.#watchOne(sentinel, compare));
    return () => {
      for (const watcher of watchers) watcher.disconnect();
    };
  }

  #watchOne(sentinel: HostPort, heard: (now: HostPort) => void): Redis {
    const backoff = new Backoff({ firstMs: WATCH_FIRST_MS, maxMs: WATCH_MAX_MS });
    const redis = new Redis({
      ...askerOptions(this.#login, sentinel),
      replyMapping: 'legacy',
      autoResubscribe: false,
      retryStrategy: () => backoff.next(),
    });
    redis.on('error', () => undefined); // the others watch, too, and each search asks all of them
    redis.on('message', (_channel: string, message: string) => {
      const [name, , , host, port] = message.split(' '); // "name old-host old-port new-host new-port"
      if (name === this.#primary && host !== undefined) heard({ host, port: Number(port) });
    });
    redis.on('ready', () => {
      namedPrimary(redis, this.#primary) // what was said while it was not heard
        .then(heard)
        .then(() => redis.subscribe(SWITCHED))
        .then(() => backoff.reset())
        .catch(() => redis.status === 'ready' && redis.disconnect(true));
    });
    redis.connect().catch(() => undefined); // the retry strategy goes on
    return redis;
  }
}

/** How one logs in with the sentinels: they have users and passwords of their own, but the same TLS. */
export function sentinelLogin(address: RedisAddress, { username, password }: SentinelLogin): RedisOptions {
  const { tls } = address.options;
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
  };
}

/** Whom this sentinel calls the primary of that name. */
export async function namedPrimary(redis: Redis, name: string): Promise<HostPort> {
  const reply = await redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name);
  if (Array.isArray(reply) && typeof reply[0] === 'string') return { host: reply[0], port: Number(reply[1]) };
  throw new CulvertError('registry_unavailable', `the sentinels know no primary "${name}"`);
}
