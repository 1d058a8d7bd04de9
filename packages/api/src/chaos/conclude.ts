import { CulvertError, toCulvertError } from '@culvert/base';
import type { ChaosRun, FailureRehearsal } from '@culvert/contracts';
import type { Registry } from '@culvert/registry';
import { historyLost, type Observation, settingsNow } from './observe.ts';
import { checksOf, failureName } from './promises.ts';
import { durationOf } from './steps.ts';
import { percentile, type StoredRun } from './stored-run.ts';

const DEFAULT_LOST = 100;
const DEFAULT_SUCCESS = 0.5;
/** Of fewer attempts a share says nothing. */
const LEAST_ATTEMPTS = 20;

/** What users have noticed so far; called after each look. */
export function account({ run, gaps, watched }: StoredRun, { unowned }: Observation): void {
  const { figures } = run;
  const [p50, p99, max] = [0.5, 0.99, 1].map((share) => percentile(gaps, share));
  figures.gapMs =
    p50 === undefined || p99 === undefined || max === undefined
      ? null
      : { p50: Math.round(p50), p99: Math.round(p99), max: Math.round(max) };
  figures.sessions.watched = watched.length;
  if (unowned) figures.sessions.unserved = Math.max(figures.sessions.unserved, unowned.length);
}

/** Why the run has to end now; undefined: it goes on. */
export function reasonToAbort({ run, body }: StoredRun): string | undefined {
  const { lost, opened, failed } = run.figures;
  const { lost: most = DEFAULT_LOST, successBelow = DEFAULT_SUCCESS } = body.abort ?? {};
  if (lost >= most) return `${lost} connections were lost, and ${most} are enough`;
  const attempts = opened + failed;
  if (attempts < LEAST_ATTEMPTS || opened / attempts >= successBelow) return undefined;
  return `${failed} of ${attempts} connections could not be opened`;
}

/** What is known at the end, and the verdict. */
export async function conclude(stored: StoredRun, seen: Observation, registry: Registry): Promise<void> {
  const { run } = stored;
  const { figures } = run;
  figures.sessions.lost = seen.unowned?.length ?? stored.watched.length;
  const outcome = await registry.settings.refresh();
  const kept = new Set(outcome === 'behind' ? [] : settingsNow(registry));
  figures.settingsLost = stored.settings.filter((id) => !kept.has(id)).length;
  figures.historyLost = await historyLost(registry, stored.history);
  run.checks = checksOf(stored);
}

export function verdictOf({ steps, checks }: ChaosRun): 'passed' | 'failed' {
  const all = steps.every(({ state }) => state === 'recovered') && checks.every(({ passed }) => passed);
  return all ? 'passed' : 'failed';
}

/** Each step as the report of objectives keeps it. */
export function rehearsalsOf({ run, marks, gaps }: StoredRun): FailureRehearsal[] {
  return run.steps.flatMap((step, at): FailureRehearsal[] => {
    const mark = marks[at];
    if (!mark || step.startedAt === null) return [];
    const { figures } = run;
    const next = marks[at + 1] ?? { ...figures, gaps: gaps.length };
    const gapP99 = percentile(gaps.slice(mark.gaps, next.gaps), 0.99);
    const forMs = durationOf(step.fault);
    return [
      {
        id: `${run.id}_${at + 1}`,
        at: step.startedAt,
        failure: failureName(step),
        target:
          step.nodes
            .map(({ id }) => id)
            .join(', ')
            .slice(0, 128) || 'redis',
        forMs: forMs === 0 ? null : forMs,
        rtoMs: step.rtoMs,
        rpo: { lostConnections: next.lost - mark.lost, lostSessions: figures.sessions.lost },
        resumed: next.resumed - mark.resumed,
        failed: Math.max(0, next.failed - mark.failed),
        gapP99Ms: gapP99 === undefined ? null : Math.round(gapP99),
      },
    ];
  });
}

/** In words, what kept a run from going on. */
export function wordsOf(error: unknown): string {
  const { code, message } = toCulvertError(error);
  return error instanceof CulvertError ? `${message} (${code})` : message;
}
