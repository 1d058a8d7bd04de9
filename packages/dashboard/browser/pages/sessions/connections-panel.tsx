import { bytes, count, counted, rate } from '../../format/quantities.ts';
import { Badge } from '../../ui/badge.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Panel } from '../../ui/page.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { When } from '../../ui/time.tsx';
import { type ConnectionRow, connectionRows } from './connection-rows.ts';
import type { LiveView } from './use-live-session.ts';

/** The connections that are open now, each second anew. */
export function ConnectionsPanel({ view: { live, before } }: { readonly view: LiveView }) {
  return (
    <Panel title="Connections">
      {live === undefined ? <Loading what="its connections" /> : null}
      {live === undefined || live.trouble === null ? null : (
        <p class="sessions-trouble">Its connections are not known now: {live.trouble}</p>
      )}
      {live === undefined || live.trouble !== null ? null : <Connections {...connectionRows(live, before)} />}
    </Panel>
  );
}

function Connections({ rows, hidden }: ReturnType<typeof connectionRows>) {
  if (rows.length === 0) {
    return (
      <Empty title="No connection is open.">
        <p>One is there while a browser talks to an application through the session: see the ways in.</p>
      </Empty>
    );
  }
  return (
    <div class="sessions-connections">
      <Table caption="Open connections" columns={COLUMNS} rows={rows} keyOf={({ connection }) => connection.id} />
      {hidden === 0 ? null : (
        <p class="faint">
          The {count(rows.length)} oldest; {counted(hidden, 'more connection')}:{' '}
          <code>GET /v1/sessions/ID/connections</code> lists all.
        </p>
      )}
    </div>
  );
}

const COLUMNS: readonly Column<ConnectionRow>[] = [
  { title: 'Target', cell: ({ connection }) => <span class="mono">{connection.target}</span> },
  { title: 'Kind', cell: ({ connection }) => connection.kind, minor: true },
  { title: 'Opened', cell: ({ connection }) => <When at={connection.openedAt} /> },
  {
    title: 'Last byte',
    cell: ({ connection: { lastByteAt } }) => (lastByteAt === null ? 'none yet' : <When at={lastByteAt} />),
    minor: true,
  },
  { title: 'In', cell: ({ connection }) => bytes(connection.bytesIn), numeric: true },
  { title: 'Out', cell: ({ connection }) => bytes(connection.bytesOut), numeric: true },
  { title: 'Rate', cell: ({ perSecond }) => (perSecond === null ? '–' : rate(perSecond)), numeric: true },
  {
    title: 'Carried',
    cell: ({ connection: { attached } }) =>
      attached ? (
        <Badge state="attached" tone="good" />
      ) : (
        <Badge
          state="between links"
          tone="warn"
          title="An end of it is between two links: it goes on when that is back"
        />
      ),
    minor: true,
  },
];
