import { CappedTenants, instruments, type Telemetry } from '@culvert/telemetry';

/** What became of a connection of a customer's; as in SliCounts, with which the counter agrees: see `sliConnections`. */
export type TenantOutcome = 'opened' | 'failed' | 'excused' | 'lost';

/** Counts what became of connections by tenant; see CappedTenants for how many names there are. */
export function tenantMeter(meter: Telemetry['meter']): (tenantId: string, outcome: TenantOutcome) => void {
  const connections = instruments(meter).counter('culvert.tenant.connections');
  const tenants = new CappedTenants();
  return (tenantId, outcome) => connections.add(1, { 'culvert.tenant.id': tenants.name(tenantId), outcome });
}
