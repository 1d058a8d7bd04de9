import type { EventQuery } from '@culvert/contracts';
import type { EventFilter } from '@culvert/registry';
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
