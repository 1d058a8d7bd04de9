import type { Redis } from 'ioredis';
import { ask } from './ask.ts';
import { readSlots } from './cluster.ts';
import { describeRedisError } from './errors.ts';
import { type RedisAddress, type SentinelLogin, showHostPort } from './options.ts';
import { namedPrimary, sentinelLogin } from './sentinel.ts';
import type { HostPort } from './url-parts.ts';

/** One server of a deployment, for people. */
export interface RedisServerView {
  /** `owner`: the primary that has our slot of a cluster. */
  readonly role: 'sentinel' | 'primary' | 'owner' | 'replica';
  /** `host:port`; for a single server its URL, without the login. */
  readonly address: string;
  /** What it says of itself, or is said of it. */
  readonly detail?: string;
  /** Why it is of no use; undefined: it is. */
  readonly trouble?: string;
}

/** Every server that matters to us. `redis` is connected to the one that has `key`. Rejects with the client's error. */
export async function describeServers(redis: Redis, address: RedisAddress, key: string): Promise<RedisServerView[]> {
  const { form, display, sentinel } = address;
  if (form === 'cluster') return slotServers(redis, key);
  const replication = parseReplication(await redis.info('replication'));
  if (!sentinel) return [{ role: replication.role, address: display }, ...replication.replicas];
  const sentinels = await Promise.all(address.hosts.map((at) => describeSentinel(address, sentinel, at)));
  const { remoteAddress: host = '?', remotePort: port = 0 } = redis.stream;
  return [...sentinels, { role: replication.role, address: showHostPort({ host, port }) }, ...replication.replicas];
}

async function describeSentinel(
  address: RedisAddress,
  sentinel: SentinelLogin,
  at: HostPort,
): Promise<RedisServerView> {
  const common = { role: 'sentinel', address: showHostPort(at) } as const;
  try {
    const login = sentinelLogin(address, sentinel);
    const signal = new AbortController().signal; // `ask` has deadlines of its own
    const primary = await ask(login, at, signal, (redis) => namedPrimary(redis, sentinel.primary));
    return { ...common, detail: `names ${showHostPort(primary)}` };
  } catch (error) {
    return { ...common, trouble: describeRedisError(error) };
  }
}

async function slotServers(redis: Redis, key: string): Promise<RedisServerView[]> {
  const [slot, map] = await Promise.all([redis.cluster('KEYSLOT', key), redis.cluster('SLOTS')]);
  const { remoteAddress: host = '?', remotePort: port = 0 } = redis.stream;
  const ranges = readSlots(map, { host, port });
  const own = ranges.find(({ first, last }) => first <= slot && slot <= last)?.servers ?? [];
  const others = new Map(ranges.map(({ servers: [primary] }) => [primary ? showHostPort(primary) : '', primary]));
  for (const server of own) others.delete(showHostPort(server));
  others.delete('');
  return [
    ...own.map((server, index): RedisServerView => {
      const view = { address: showHostPort(server) };
      return index === 0 ? { role: 'owner', ...view, detail: `slot ${slot}` } : { role: 'replica', ...view };
    }),
    ...[...others.keys()].map(
      (at): RedisServerView => ({ role: 'primary', address: at, detail: 'has none of our keys' }),
    ),
  ];
}

/** Reads `role:master` and `slave0:ip=…,port=…,state=online,offset=…,lag=0`. */
function parseReplication(info: string): { role: 'primary' | 'replica'; replicas: RedisServerView[] } {
  const replicas = [...info.matchAll(/^slave\d+:ip=([^,]*),port=(\d+),state=([^,]*)/gm)];
  return {
    role: /^role:slave/m.test(info) ? 'replica' : 'primary',
    replicas: replicas.map(([, host = '', port, state = '']) => ({
      role: 'replica',
      address: showHostPort({ host, port: Number(port) }),
      ...(state === 'online' ? { detail: state } : { trouble: `it is not in step (${state})` }),
    })),
  };
}
