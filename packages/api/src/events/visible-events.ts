import type { EventQuery } from '@culvert/contracts';
import type { EventFilter, SettingsStore } from '@culvert/registry';
import { ROOT_KEY_ID } from '@culvert/service';
import type { Principal } from '../auth.ts';

const OF_TENANTS = 'session.*';

/** What of the history the principal asks for and may see: an agent key, its tenant's sessions. */
export function visibleEvents(principal: Principal, query: EventQuery): EventFilter {
  const { session, node, tenant } = query;
  const asked = {
    ...(session === undefined ? {} : { session }),
    ...(node === undefined ? {} : { node }),
  };
  const types = query.types?.split(',');
  if (principal.role !== 'agent') {
    return { ...asked, ...(types ? { types } : {}), ...(tenant === undefined ? {} : { tenant }) };
  }
  // Another tenant's events are answered like none at all.
  const foreign = principal.tenant === null || (tenant !== undefined && tenant !== principal.tenant);
  const wanted = foreign ? [] : (types ?? [OF_TENANTS]).filter((type) => type.startsWith('session.'));
  return { ...asked, types: wanted, tenant: principal.tenant ?? '' };
}

/** Is the key still good? A stream outlives the request that was checked. `now`: ms since the Unix epoch. */
export function keyInForce(settings: SettingsStore, { keyId }: Principal, now: number): boolean {
  if (keyId === ROOT_KEY_ID) return true;
  const key = settings.snapshot.keys.find(({ id }) => id === keyId);
  return key !== undefined && key.revokedAt === null && (key.expiresAt === null || key.expiresAt > now);
}
