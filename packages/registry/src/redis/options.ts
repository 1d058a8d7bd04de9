import { CulvertError } from '@culvert/base';
import type { RedisOptions } from 'ioredis';

export interface RedisAddress {
  /** What may be shown to people and written to logs: no user, no password. */
  readonly display: string;
  readonly options: RedisOptions;
}

/**
 * Reads `redis://`, `rediss://` (TLS) or `unix://` (also a plain absolute path). User, password and `/db` are taken
 * from the URL. Errors never repeat the URL: it may hold a password.
 */
export function parseRedisUrl(url: string): RedisAddress {
  const parsed = URL.parse(url.startsWith('/') ? `unix://${url}` : url);
  if (!parsed || !['redis:', 'rediss:', 'unix:'].includes(parsed.protocol)) {
    throw new CulvertError('config_invalid', 'the Redis URL must start with redis://, rediss:// or unix://', {
      fix: 'for example redis://127.0.0.1:6379 or unix:///run/redis.sock',
    });
  }
  const login = {
    ...(parsed.username === '' ? {} : { username: decode(parsed.username) }),
    ...(parsed.password === '' ? {} : { password: decode(parsed.password) }),
  };
  if (parsed.protocol === 'unix:') {
    const path = decode(parsed.pathname);
    return { display: `unix://${path}`, options: { path, ...login } };
  }
  // WHATWG URLs keep the brackets of an IPv6 address; sockets want it bare.
  const host = parsed.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1';
  const port = parsed.port === '' ? 6379 : Number(parsed.port);
  return {
    display: `${parsed.protocol}//${parsed.hostname || host}:${port}`,
    options: {
      host,
      port,
      db: database(parsed.pathname),
      ...login,
      ...(parsed.protocol === 'rediss:' ? { tls: {} } : {}),
    },
  };
}

function database(pathname: string): number {
  if (pathname === '' || pathname === '/') return 0;
  const db = Number(pathname.slice(1));
  if (Number.isInteger(db) && db >= 0) return db;
  throw new CulvertError('config_invalid', 'the path of a Redis URL is the number of a database');
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw new CulvertError('config_invalid', 'the Redis URL has a malformed %-escape', { cause });
  }
}
