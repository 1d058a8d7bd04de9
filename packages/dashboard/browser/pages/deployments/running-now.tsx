import type { LiveNode } from '@culvert/contracts';
import { useLiveCluster } from '../../api/live.ts';
import { count } from '../../format/quantities.ts';
import { Empty } from '../../ui/empty.tsx';
import { Loading } from '../../ui/loading.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { type RunningVersion, runningVersions } from './running-versions.ts';

const COLUMNS: readonly Column<RunningVersion>[] = [
  { title: 'Role', cell: ({ role }) => role },
  { title: 'Pool', cell: ({ pool }) => pool },
  { title: 'Version', cell: ({ version }) => <code>{version}</code> },
  { title: 'Nodes', cell: ({ nodes }) => count(nodes.length), numeric: true },
  { title: 'Sessions', cell: ({ sessions, role }) => (role === 'worker' ? count(sessions) : '–'), numeric: true },
  { title: 'Which', cell: ({ nodes }) => <NodeLinks nodes={nodes} />, minor: true },
];

const MOST_NAMED = 6;

function NodeLinks({ nodes }: { readonly nodes: readonly LiveNode[] }) {
  const more = nodes.length - MOST_NAMED;
  return (
    <span class="deployments-nodes">
      {nodes.slice(0, MOST_NAMED).map(({ id }) => (
        <a key={id} href={`/nodes/${encodeURIComponent(id)}`}>
          {id}
        </a>
      ))}
      {more > 0 ? <span class="faint">and {more} more</span> : null}
    </span>
  );
}

/** Versions that the cluster runs now, by role and pool. */
export function RunningNow() {
  const cluster = useLiveCluster();
  if (cluster === undefined) return <Loading what="the nodes" />;
  const rows = runningVersions(cluster.nodes);
  if (rows.length === 0) return <Empty title="No node is registered." command="culvert up" />;
  return (
    <Table
      caption="Versions that run now"
      columns={COLUMNS}
      rows={rows}
      keyOf={({ role, pool, version }) => `${role} ${pool} ${version}`}
    />
  );
}
