import type { MaintenanceWindow, Schedule } from '@culvert/contracts';
import { ago, orDash, table } from '../output.ts';
import { printable } from './line.ts';
import { span } from './time.ts';

/** `culvert deploy schedule ls`. */
export function scheduleTable(schedules: readonly Schedule[], nowMs: number): string {
  return table(
    schedules,
    [
      { title: 'SCHEDULE', value: ({ id }) => id },
      { title: 'CRON', value: ({ cron }) => printable(cron) },
      { title: 'TIME ZONE', value: ({ timezone }) => printable(timezone) },
      { title: 'WHAT', value: whatOf },
      { title: 'NEXT', value: ({ nextAt }) => ago(nextAt, nowMs) },
      { title: 'LAST', value: ({ lastAt }) => ago(lastAt, nowMs) },
      { title: 'LAST DEPLOYMENT', value: ({ lastDeployment }) => orDash(lastDeployment) },
      { title: 'LAST ERROR', value: ({ lastError }) => orDash(lastError === null ? null : printable(lastError)) },
    ],
    'No schedules. `culvert deploy schedule add ID --cron "0 3 * * *" --rehearse` makes one.',
  );
}

/** `rehearsal on worker-1`, `2.1.0 to the workers of pool default`. */
export function whatOf({ rehearsal, deployment }: Pick<Schedule, 'rehearsal' | 'deployment'>): string {
  if (deployment !== null) {
    const { version, role = 'worker', pool = 'default' } = deployment;
    return `${version} for the ${role}s of pool ${pool}`;
  }
  const { node, pool = 'default' } = rehearsal ?? {};
  return node === undefined ? `rehearsal in pool ${pool}` : `rehearsal on ${node}`;
}

/** `culvert deploy window ls`. */
export function windowTable(windows: readonly MaintenanceWindow[], nowMs: number): string {
  return table(
    windows,
    [
      { title: 'WINDOW', value: ({ id }) => id },
      { title: 'NOW', value: ({ open }) => (open ? 'open' : 'closed') },
      { title: 'CRON', value: ({ cron }) => printable(cron) },
      { title: 'TIME ZONE', value: ({ timezone }) => printable(timezone) },
      { title: 'FOR', value: ({ forMs }) => span(forMs) },
      { title: 'POOL', value: ({ pool }) => pool ?? 'every one' },
      { title: 'OPENS', value: ({ opensAt }) => ago(opensAt, nowMs) },
      { title: 'CLOSES', value: ({ closesAt }) => ago(closesAt, nowMs) },
    ],
    'No windows: deployments with --in-window touch nothing. `culvert deploy window add ID --cron … --for 2h` makes one.',
  );
}
