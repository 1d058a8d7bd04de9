import type { RegistryDifference, RegistryDifferenceList, RegistryStatus } from '@culvert/contracts';
import type { ApiClient } from '@culvert/local';
import { colors } from '../colors.ts';

/** The API gives a comparison 30 s. */
const COMPARISON_MS = 35_000;

/** What a comparison of the registry with its workers showed. */
export interface RegistryReport {
  readonly ok: boolean;
  readonly status: RegistryStatus;
  /** null: the registry could not be read. */
  readonly differences: RegistryDifferenceList | null;
}

/** Has the API compare the two. Rejects with the API's problem, `timeout` say. */
export async function checkRegistry(api: ApiClient): Promise<RegistryReport> {
  const status = await api.call<RegistryStatus>('GET', '/registry');
  if (!status.available) return { ok: false, status, differences: null };
  const differences = await api.call<RegistryDifferenceList>('GET', '/registry/differences', {
    deadlineMs: COMPARISON_MS,
  });
  const { items, checked, recovering } = differences;
  // Errors come first, so one that the list has no room for is never alone.
  const differs = items.some(({ severity }) => severity === 'error');
  // That nobody contradicts proves nothing when nobody was asked, or not everybody.
  const ok = !differs && !recovering && checked.workers > 0;
  return { ok, status, differences };
}

/** What was compared, and each difference in a line of its own. */
export function registryLines({ ok, status, differences }: RegistryReport): string[] {
  if (differences === null) {
    return [`${colors.red('✗')} the registry can't be read: ${status.reason ?? 'it gives no reason'}`];
  }
  const { checked, recovering, items, total } = differences;
  const { sessions, workers, unsettled } = checked;
  const compared = `${counted(sessions, 'session')} compared with the word of ${counted(workers, 'worker')}`;
  const width = Math.max(0, ...items.map(({ kind }) => kind.length));
  const lines = [`${ok ? colors.green('✓') : colors.red('✗')} registry: ${compared}`];
  if (recovering) {
    lines.push('- Redis lost data, and the workers are telling it again: run this again in some seconds.');
  }
  if (workers === 0) lines.push('- No worker answered: nothing is proved.');
  lines.push(...items.map((item) => lineOf(item, width)));
  if (total > items.length) lines.push(`- ${total - items.length} more differences are not listed.`);
  if (unsettled > 0) {
    lines.push(`- ${counted(unsettled, 'difference')} changed while it was looked at: run this again.`);
  }
  return lines;
}

function lineOf({ kind, severity, session, directory, truth, advice }: RegistryDifference, width: number): string {
  const sign = severity === 'error' ? colors.red('✗') : colors.yellow('-');
  const subject = session === null ? '' : `${session}  `;
  return `${sign} ${kind.padEnd(width)}  ${subject}the registry ${directory}; ${truth} ${colors.yellow('→')} ${advice}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
