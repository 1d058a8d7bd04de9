import type { SloReport } from '@culvert/contracts';
import { count } from '../../format/quantities.ts';
import { duration } from '../../format/times.ts';
import { Badge } from '../../ui/badge.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Panel } from '../../ui/page.tsx';
import { Table } from '../../ui/table.tsx';
import { When } from '../../ui/time.tsx';
import { share } from './slo-words.ts';

/** What releases cost. */
export function Deployments({ report: { deployments } }: { readonly report: SloReport }) {
  return (
    <Panel title="What each deployment spent">
      {deployments.length === 0 ? (
        <Empty title="No deployment ran in this time." command="npx culvert deploy start --version 1.2.3 --dry-run" />
      ) : (
        <>
          <p class="faint">
            Counted by the minutes in which it ran: an upper bound. In parentheses what probes saw; shares are of the
            whole window’s budget.
          </p>
          <Table
            caption="Deployments, and what they spent of the budgets"
            rows={deployments}
            keyOf={({ id }) => id}
            columns={[
              { title: 'Deployment', cell: ({ id }) => <a href={`/deployments/${encodeURIComponent(id)}`}>{id}</a> },
              { title: 'Version', cell: ({ version, kind }) => (kind === 'rehearsal' ? 'rehearsal' : version) },
              { title: 'State', cell: ({ state }) => <Badge state={state} /> },
              { title: 'Started', minor: true, cell: ({ startedAt }) => <When at={startedAt} /> },
              { title: 'Failed', numeric: true, cell: ({ real, synthetic }) => both(real.failed, synthetic.failed) },
              { title: 'Lost', numeric: true, cell: ({ real, synthetic }) => both(real.lost, synthetic.lost) },
              { title: 'Sessions unusable', numeric: true, minor: true, cell: ({ real }) => duration(real.unservedMs) },
              { title: 'Success budget', numeric: true, cell: ({ real }) => share(real.budget.connection_success, 1) },
              { title: 'Loss budget', numeric: true, cell: ({ real }) => share(real.budget.lost_connections, 1) },
            ]}
          />
        </>
      )}
    </Panel>
  );
}

/** Real traffic by customer, the worst first. */
export function Tenants({ report: { tenants } }: { readonly report: SloReport }) {
  if (tenants.length === 0) return null;
  return (
    <Panel title="By tenant, the worst first">
      <Table
        caption="Tenants and what they met with"
        rows={tenants}
        keyOf={({ tenant }) => tenant}
        columns={[
          { title: 'Tenant', cell: ({ tenant }) => <TenantName tenant={tenant} /> },
          { title: 'Opened', numeric: true, cell: ({ figures }) => count(figures.availability.opened) },
          { title: 'Failed', numeric: true, cell: ({ figures }) => count(figures.availability.failed) },
          {
            title: 'Opened of those asked for',
            numeric: true,
            cell: ({ figures }) => share(figures.availability.connectionSuccess),
          },
          {
            ...{ title: 'Sessions could be used', numeric: true, minor: true },
            cell: ({ figures }) => share(figures.availability.sessionAvailability),
          },
          { title: 'Lost', numeric: true, cell: ({ figures }) => count(figures.reliability.lost) },
        ]}
      />
    </Panel>
  );
}

function TenantName({ tenant }: { readonly tenant: string }) {
  if (tenant.startsWith('~')) return <>all others (not counted one by one)</>;
  return <a href={`/tenants/${encodeURIComponent(tenant)}`}>{tenant}</a>;
}

/** Failures that were brought about on purpose. */
export function Recovery({ report: { recovery } }: { readonly report: SloReport }) {
  return (
    <Panel title="Failures, as rehearsed">
      {recovery.length === 0 ? (
        <Empty title="No failure was rehearsed yet." command="npx culvert chaos --help">
          <p>A rehearsal shows how long it takes to recover (RTO), and what is lost for good (RPO).</p>
        </Empty>
      ) : (
        <Table
          caption="Recovery times and losses by failure"
          rows={recovery}
          keyOf={({ failure }) => failure}
          columns={[
            { title: 'Failure', cell: ({ failure }) => failure.replaceAll('_', ' ') },
            { title: 'Rehearsed', numeric: true, cell: ({ rehearsals }) => `${count(rehearsals)}×` },
            { title: 'Last', minor: true, cell: ({ lastAt }) => <When at={lastAt} /> },
            { title: 'Recovered in (last)', numeric: true, cell: ({ lastRtoMs }) => recovered(lastRtoMs) },
            { title: '… at worst', numeric: true, cell: ({ worstRtoMs }) => recovered(worstRtoMs) },
            { title: 'Connections lost', numeric: true, cell: ({ lostConnections }) => count(lostConnections) },
            { title: 'Sessions lost', numeric: true, minor: true, cell: ({ lostSessions }) => count(lostSessions) },
          ]}
        />
      )}
    </Panel>
  );
}

function both(real: number, synthetic: number): string {
  return `${count(real)} (${count(synthetic)})`;
}

function recovered(ms: number | null): string {
  return ms === null ? 'it did not' : duration(ms);
}
