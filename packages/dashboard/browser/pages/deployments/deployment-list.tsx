import type { Deployment } from '@culvert/contracts';
import { counted } from '../../format/quantities.ts';
import { duration } from '../../format/times.ts';
import { Badge } from '../../ui/badge.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Since, When } from '../../ui/time.tsx';
import { isOver, tally, tookMs } from './words.ts';

/** What it is: a dry run and a rehearsal bring no version anywhere. */
function kindOf({ kind, request }: Deployment): string {
  if (kind === 'rehearsal') return 'rehearsal';
  return request.dryRun ? 'dry run' : 'release';
}

function nodesOf({ nodes, request }: Deployment): string {
  if (nodes.length === 0) return '–';
  return request.dryRun ? counted(nodes.length, 'node') : tally(nodes);
}

const COLUMNS: readonly Column<Deployment>[] = [
  {
    title: 'Deployment',
    cell: ({ id, version }) => <a href={`/deployments/${id}`}>{version === '' ? id : version}</a>,
  },
  {
    title: 'State',
    cell: ({ state, reason }) => <Badge state={state} {...(reason === null ? {} : { title: reason })} />,
  },
  { title: 'Kind', cell: kindOf, minor: true },
  { title: 'Role', cell: ({ role, pool }) => `${role}, ${pool}`, minor: true },
  { title: 'Strategy', cell: ({ strategy, policy }) => `${strategy}, ${policy}`, minor: true },
  { title: 'Nodes', cell: nodesOf, minor: true },
  { title: 'Begun', cell: ({ createdAt }) => <When at={createdAt} /> },
  {
    title: 'Took',
    cell: (one) => (isOver(one) ? duration(tookMs(one, 0)) : <Since at={one.createdAt} />),
    numeric: true,
    minor: true,
  },
  { title: 'By', cell: ({ createdBy }) => <code>{createdBy}</code>, minor: true },
  {
    title: 'Reason',
    cell: ({ reason }) => (reason === null ? '–' : <span class="deployments-reason">{reason}</span>),
    minor: true,
  },
];

export function DeploymentTable({ deployments }: { readonly deployments: readonly Deployment[] }) {
  return <Table caption="Deployments" columns={COLUMNS} rows={deployments} keyOf={({ id }) => id} />;
}
