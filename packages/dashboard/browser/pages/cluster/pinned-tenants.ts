import { useQuery } from '@tanstack/preact-query';
import { useMemo } from 'preact/hooks';
import { answerOf, api } from '../../api/client.ts';

/** The tenants of each pool that has some of its own. */
export type PinnedTenants = ReadonlyMap<string, readonly string[]>;

const NONE: PinnedTenants = new Map();
const STALE_MS = 60_000;

/** None while they are not known: they are a help, no more. */
export function usePinnedTenants(): PinnedTenants {
  const { data } = useQuery({
    queryKey: ['cluster', 'pinned-tenants'],
    queryFn: () => answerOf(api.GET('/v1/tenants')),
    staleTime: STALE_MS, // no event tells of pins
  });
  return useMemo(() => (data === undefined ? NONE : byPool(data.items)), [data]);
}

function byPool(tenants: readonly { readonly id: string; readonly pool: string | null }[]): PinnedTenants {
  const pinned = Map.groupBy(tenants, ({ pool }) => pool);
  return new Map(
    [...pinned].flatMap(([pool, members]) => (pool === null ? [] : [[pool, members.map(({ id }) => id).toSorted()]])),
  );
}
