import type { Tenant } from '../settings/records.ts';

/** Where tenants without a pin are served. */
export const DEFAULT_POOL = 'default';

/** The pools in which the tenant may be served: its own first, then those to which it spills when that is full. */
export function poolsOf(tenant: Pick<Tenant, 'pool' | 'spill'>): readonly [string, ...string[]] {
  return [tenant.pool ?? DEFAULT_POOL, ...tenant.spill];
}
