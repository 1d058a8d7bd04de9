import { CulvertError } from '@culvert/base';
import type { RedisOptions } from 'ioredis';
import {
  allowParameters,
  decode,
  type HostPort,
  malformed,
  takeApart,
  tlsOptions,
  type UrlParts,
} from './url-parts.ts';

export type RedisForm = 'single' | 'sentinel' | 'cluster';

/** Where Redis is, and how one logs in there. */
export interface RedisAddress {
  /** What may be shown to people and written to logs: no user, no password. */
  readonly display: string;
  readonly form: RedisForm;
  /** Login, TLS, database; for `single` also where it is. For a client, take `redisOptions(address, key)`. */
  readonly options: RedisOptions;
  /** The sentinels, or the cluster's nodes to ask first; empty for `single`. */
  readonly hosts: readonly HostPort[];
  /** How the sentinels call the primary, and how one logs in with them. */
  readonly sentinel?: SentinelLogin;
}

export interface SentinelLogin {
  readonly primary: string;
  readonly username?: string;
  readonly password?: string;
}

const TLS_PARAMETERS = ['ca', 'cert', 'key', 'servername'];
const SENTINEL_PARAMETERS = ['sentinel_user', 'sentinel_password'];
const DEFAULT_PORTS: Readonly<Record<RedisForm, number>> = { single: 6379, sentinel: 26379, cluster: 6379 };

/**
 * Reads
 * - `redis://[user:password@]host[:port][/db]`, `unix:///path` or a plain absolute path,
 * - `redis+sentinel://[user:password@]host[:port],…/primary[/db]`,
 * - `redis+cluster://[user:password@]host[:port],…`,
 *
 * and with `rediss` instead of `redis` the same over TLS. Parameters: `ca`, `cert`, `key` (paths of files) and
 * `servername` with TLS, `sentinel_user` and `sentinel_password` with sentinels.
 * Throws `config_invalid`; errors never repeat the URL: it may hold a password.
 */
export function parseRedisUrl(url: string): RedisAddress {
  const parts = takeApart(url);
  if (parts) return addressOf(parts);
  const socket = URL.parse(url.startsWith('/') ? `unix://${url}` : url);
  if (socket?.protocol !== 'unix:' || socket.search !== '') throw malformed();
  return socketAddress(socket);
}

function addressOf(parts: UrlParts): RedisAddress {
  const { form, tls, username, password } = parts;
  allowParameters(parts.parameters, [
    ...(tls ? TLS_PARAMETERS : []),
    ...(form === 'sentinel' ? SENTINEL_PARAMETERS : []),
  ]);
  const hosts = parts.hosts.map(({ host, port }) => ({ host, port: port ?? DEFAULT_PORTS[form] }));
  const scheme = `redis${tls ? 's' : ''}${form === 'single' ? '' : `+${form}`}`;
  const server = `${scheme}://${hosts.map(showHostPort).join(',')}`;
  const common = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: tlsOptions(parts.parameters) } : {}),
  };
  switch (form) {
    case 'single':
      return { display: server, form, options: { ...hosts[0], db: database(parts.path), ...common }, hosts: [] };
    case 'cluster':
      if (parts.path.length > 0 && database(parts.path) !== 0) {
        throw new CulvertError('config_invalid', 'a Redis Cluster has database 0 only');
      }
      return { display: server, form, options: common, hosts };
    case 'sentinel': {
      const [primary, ...path] = parts.path;
      if (primary === undefined) {
        throw new CulvertError('config_invalid', 'the path of a Sentinel URL is the name of the primary');
      }
      const options = { db: database(path), ...common };
      const sentinel = { primary, ...sentinelLogin(parts.parameters) };
      return { display: `${server}/${primary}`, form, options, hosts, sentinel };
    }
  }
}

function socketAddress(url: URL): RedisAddress {
  const path = decode(url.pathname);
  const options = {
    path,
    ...(url.username === '' ? {} : { username: decode(url.username) }),
    ...(url.password === '' ? {} : { password: decode(url.password) }),
  };
  return { display: `unix://${path}`, form: 'single', options, hosts: [] };
}

function sentinelLogin(parameters: ReadonlyMap<string, string>): Pick<SentinelLogin, 'username' | 'password'> {
  const username = parameters.get('sentinel_user');
  const password = parameters.get('sentinel_password');
  return { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
}

function database(path: readonly string[]): number {
  const [text = '0', ...more] = path;
  if (more.length === 0 && /^\d{1,9}$/.test(text)) return Number(text);
  throw new CulvertError('config_invalid', 'the path of a Redis URL is the number of a database');
}

/** `host:port`, as in a URL. */
export function showHostPort({ host, port }: HostPort): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
