import type { DrainOrder, DrainPolicy } from '@culvert/contracts';

/** How far a drain may go. */
export type DrainStage = NonNullable<DrainOrder['stage']>;

const STAGES: readonly DrainStage[] = ['announce', 'idle', 'busy', 'force'];

/** What a drain was told to do. */
export interface DrainCourse {
  readonly policy: DrainPolicy;
  readonly stage: DrainStage;
  /** null: an operator's, or that of a process that stops. */
  readonly deployment: string | null;
}

/** Whether `course` goes as far as `stage`. */
export function reaches(course: DrainCourse, stage: DrainStage): boolean {
  return STAGES.indexOf(course.stage) >= STAGES.indexOf(stage);
}

/**
 * What holds once `told` was heard in a drain that goes on. A stage that was reached stays reached: an order that comes late
 * takes nothing back. Who tells without a deployment changes nothing about whose it is.
 */
export function goOn(course: DrainCourse | undefined, told: DrainCourse): DrainCourse {
  if (course === undefined) return told;
  const deployment = told.deployment ?? course.deployment;
  if (deployment !== course.deployment) return told;
  return { policy: told.policy, stage: reaches(course, told.stage) ? course.stage : told.stage, deployment };
}

export function sameCourse(a: DrainCourse | undefined, b: DrainCourse): boolean {
  return a?.policy === b.policy && a.stage === b.stage && a.deployment === b.deployment;
}
