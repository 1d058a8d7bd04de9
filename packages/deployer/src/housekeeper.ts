import type { Logger } from '@culvert/base';
import { JobQueue } from './jobs/job-queue.ts';
import type { JobTelemetry } from './jobs/job-telemetry.ts';

const CHECK_EVERY_MS = 15_000;
const LOCK_MS = 30_000;
/** Longer than any work that brings its own deadline. */
const DEADLINE_MS = 60_000;

export interface HousekeeperOptions {
  /** URL of Redis. */
  readonly redis: string;
  /** Redis prefix of the cluster. */
  readonly prefix: string;
  /** What a job does; rejects if it failed. It brings its own deadline. */
  readonly work: () => Promise<unknown>;
  readonly everyMs: number;
  readonly telemetry?: JobTelemetry | undefined;
  readonly logger: Logger;
}

/** The queue whose jobs keep the registry tidy, and the worker that runs them; sweeps are safe to repeat. */
export class Housekeeper {
  readonly #jobs: JobQueue<object>;

  constructor({ redis, prefix, work, everyMs, telemetry, logger }: HousekeeperOptions) {
    this.#jobs = new JobQueue({
      ...{ queue: 'housekeeping', redis, prefix, handle: work, deadlineMs: DEADLINE_MS, lockMs: LOCK_MS, logger },
      telemetry,
      keep: { completed: 10, failed: 50 },
      every: { id: 'housekeeping', name: 'sweep', data: {}, everyMs, checkEveryMs: CHECK_EVERY_MS },
    });
  }

  /** Resolves once closed; rejects if it ends before. */
  run(): Promise<unknown> {
    return this.#jobs.run();
  }

  close(): Promise<void> {
    return this.#jobs.close();
  }
}
