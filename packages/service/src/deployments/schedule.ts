import type { DeploymentBody, RehearsalBody } from '@culvert/contracts';
import type { CronTime } from './cron.ts';

/** A schedule as it was asked for; one of `rehearsal` and `deployment` is null. */
export interface StoredSchedule extends CronTime {
  readonly rehearsal: RehearsalBody | null;
  readonly deployment: DeploymentBody | null;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Id of the key. */
  readonly createdBy: string;
}

/**
 * What came of a schedule, as the deploy worker keeps it: a document of its own, so that who changes the schedule and who
 * runs it never overwrite each other. Times in ISO 8601.
 */
export interface ScheduleRun {
  /** Of the schedule that it belongs to: one that was deleted and made again starts anew. */
  readonly createdAt: string;
  readonly nextAt: string | null;
  readonly lastAt: string | null;
  readonly lastDeployment: string | null;
  readonly lastError: string | null;
}

export type KnownSchedule = StoredSchedule & { readonly id: string; readonly run: ScheduleRun };

/** A slash is in no id that people choose. */
const RUN = '/run';

/** Under which id the run of a schedule is kept. */
export function runIdOf(schedule: string): string {
  return `${schedule}${RUN}`;
}

/** All schedules among the documents, each with its run, by id. */
export function readSchedules(documents: ReadonlyMap<string, unknown>): KnownSchedule[] {
  const ids = [...documents.keys()].filter((id) => !id.endsWith(RUN)).sort();
  return ids.map((id) => {
    const schedule = documents.get(id) as StoredSchedule; // as this module's users wrote it
    const run = documents.get(runIdOf(id)) as ScheduleRun | undefined;
    return { ...schedule, id, run: run?.createdAt === schedule.createdAt ? run : notRunYet(schedule) };
  });
}

function notRunYet({ createdAt }: StoredSchedule): ScheduleRun {
  return { createdAt, nextAt: null, lastAt: null, lastDeployment: null, lastError: null };
}
