import type { Directory } from './directory.ts';
import { membersOf } from './keys.ts';

/** Tenants counted per round trip: each costs Redis a few µs, however many sessions it has. */
const TENANTS_AT_ONCE = 500;

/** How many sessions the directory has of each of these tenants: what its limit goes by. */
export async function countSessions(
  { connection, keys }: Directory,
  tenants: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (let at = 0; at < tenants.length; at += TENANTS_AT_ONCE) {
    const some = tenants.slice(at, at + TENANTS_AT_ONCE);
    const found = await connection.command('a count', (redis) =>
      Promise.all(
        some.map((tenant) => {
          const { first, last } = membersOf(tenant);
          return redis.zlexcount(keys.tenanted, first, last);
        }),
      ),
    );
    for (const [i, tenant] of some.entries()) counts.set(tenant, found[i] ?? 0);
  }
  return counts;
}
