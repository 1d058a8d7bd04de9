import { bytes, count } from '../../format/quantities.ts';
import { Badge } from '../../ui/badge.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { When } from '../../ui/time.tsx';
import { Labels } from './labels.tsx';
import type { SessionRow } from './session-pages.ts';

export function SessionTable({ rows }: { readonly rows: readonly SessionRow[] }) {
  return (
    <div class="sessions-table">
      <Table caption="Sessions" columns={COLUMNS} rows={rows} keyOf={({ session }) => session.id} />
    </div>
  );
}

const COLUMNS: readonly Column<SessionRow>[] = [
  { title: 'Session', cell: ({ session, left }) => <Name id={session.id} name={session.name} left={left} /> },
  { title: 'State', cell: ({ session, left }) => <Badge {...(left ? LEFT : { state: session.state })} /> },
  {
    title: 'Tenant',
    cell: ({ session: { tenant } }) => <a href={`/tenants/${encodeURIComponent(tenant)}`}>{tenant}</a>,
  },
  {
    title: 'Node',
    cell: ({ session: { node } }) =>
      node === null ? <span class="faint">none</span> : <a href={`/nodes/${encodeURIComponent(node)}`}>{node}</a>,
    minor: true,
  },
  { title: 'Connections', cell: ({ session }) => count(session.connections), numeric: true },
  { title: 'In', cell: ({ session }) => bytes(session.bytesIn), numeric: true, minor: true },
  { title: 'Out', cell: ({ session }) => bytes(session.bytesOut), numeric: true, minor: true },
  { title: 'Connected', cell: ({ session }) => <When at={session.connectedAt} />, minor: true },
  { title: 'Changed', cell: ({ session }) => <When at={session.changedAt} />, minor: true },
  { title: 'Labels', cell: ({ session }) => <Labels labels={session.labels} most={2} />, minor: true },
];

const LEFT = { state: 'no longer listed', tone: 'neutral', title: 'Closed, or no longer what is looked for' } as const;

function Name({ id, name, left }: { readonly id: string; readonly name: string | null; readonly left: boolean }) {
  return (
    <span class={left ? 'sessions-name faint' : 'sessions-name'}>
      <a href={`/sessions/${encodeURIComponent(id)}`}>{name ?? id}</a>
      {name === null ? null : <code class="faint">{id}</code>}
    </span>
  );
}
