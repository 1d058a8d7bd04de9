import type { DrainPreview, DrainReport } from '@culvert/contracts';
import type { NodeView, Tenant } from '@culvert/registry';

/** Tenants that are named. */
const NAMED = 5;

export interface DrainOutlook {
  /** The worker that would be drained. */
  readonly node: NodeView;
  /** What it says of itself. */
  readonly report: DrainReport;
  /** All nodes of the cluster. */
  readonly nodes: readonly NodeView[];
  readonly tenants: readonly Pick<Tenant, 'id' | 'pool'>[];
}

/** What a drain would do now, as far as it can be told: sessions come and go, and others may drain at the same time. */
export function previewOf(outlook: DrainOutlook): DrainPreview {
  const { node, report } = outlook;
  const { idle, busy, connections, direct, longestMs = null } = report;
  const targets = targetsOf(outlook);
  return {
    ...{ node: node.id, idle, busy, connections, longestMs, direct, targets },
    warnings: warningsOf(outlook, targets),
    summary: summaryOf(report),
  };
}

/** As the worker's own drain chooses them. The one with the most room first. */
function targetsOf({ node, nodes }: DrainOutlook): DrainPreview['targets'] {
  return nodes
    .filter(
      ({ id, role, pool, state }) => role === 'worker' && id !== node.id && pool === node.pool && state === 'ready',
    )
    .map(({ id, capacity, sessions }) => ({ node: id, room: capacity - sessions }))
    .filter(({ room }) => room > 0)
    .toSorted((a, b) => b.room - a.room);
}

function warningsOf({ node, report, tenants }: DrainOutlook, targets: DrainPreview['targets']): string[] {
  const { pool } = node;
  const sessions = report.idle + report.busy;
  const room = targets.reduce((sum, target) => sum + target.room, 0);
  const warnings: string[] = [];
  if (targets.length === 0) {
    const start = `Start one (culvert worker --pool ${pool}) or uncordon one.`;
    warnings.push(`No other worker of the pool ${pool} is ready and has room: its sessions would stay. ${start}`);
    const pinned = tenants.filter((tenant) => tenant.pool === pool).map(({ id }) => id);
    if (pinned.length > 0) warnings.push(`Pinned to the pool ${pool}, and served nowhere else: ${named(pinned)}.`);
  } else if (room < sessions) {
    const rest = sessions - room;
    warnings.push(
      `The other workers of the pool ${pool} have room for ${room} of ${sessions} sessions: ${rest} would stay.`,
    );
  }
  if (report.direct > 0) {
    const them = count(report.direct, 'connection uses', 'connections use');
    warnings.push(`${them} this worker's own address, and can only end by themselves: it is not empty before.`);
  }
  if (report.unmovable !== undefined && report.unmovable > 0) {
    const them = count(report.unmovable, 'connection', 'connections');
    warnings.push(`${them} cannot go on over another worker (an end does not resume): the policy wait lets them end.`);
  }
  if (report.state !== 'off')
    warnings.push(`It drains already${report.policy === null ? '' : `, policy ${report.policy}`}.`);
  return warnings;
}

/** `412 idle, 7 busy, longest 38 s; 3 on direct addresses will be waited for` */
function summaryOf({ idle, busy, direct, longestMs }: DrainReport): string {
  if (idle + busy + direct === 0) return 'nothing is on it';
  const longest = longestMs == null ? '' : `, longest ${duration(longestMs)}`;
  const waited = direct === 0 ? '' : `; ${direct} on direct addresses will be waited for`;
  return `${idle} idle, ${busy} busy${longest}${waited}`;
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

function named(ids: readonly string[]): string {
  const rest = ids.length - NAMED;
  return ids.slice(0, NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}
