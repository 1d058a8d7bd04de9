import type { Logger } from '@culvert/base';
import { JobQueue } from '../jobs/job-queue.ts';
import type { JobTelemetry } from '../jobs/job-telemetry.ts';
import { Prober, type ProberOptions } from './prober.ts';

/** A round with everything that can go wrong in it. ms. */
const ROUND_MS = 30_000;
/** For a round that came to its end to be written down. ms. */
const MARGIN_MS = 5_000;
const LOCK_MS = 15_000;
const CHECK_EVERY_MS = 5_000;

export interface ProbesOptions extends ProberOptions {
  /** URL of Redis. */
  readonly redis: string;
  /** Redis prefix of the cluster. */
  readonly prefix: string;
  /** BullMQ's own spans; undefined: none. */
  readonly telemetry: JobTelemetry | undefined;
  readonly logger: Logger;
}

/** Rounds of probes, one job each: whichever deploy worker takes it has the round. */
export class Probes {
  readonly #prober: Prober;
  readonly #jobs: JobQueue<object>;

  constructor(options: ProbesOptions) {
    const { redis, prefix, everyMs, telemetry, logger } = options;
    this.#prober = new Prober(options);
    this.#jobs = new JobQueue({
      ...{ queue: 'probes', redis, prefix, telemetry, logger, lockMs: LOCK_MS, deadlineMs: ROUND_MS },
      handle: ({ signal }) => this.#prober.round(signal, ROUND_MS + MARGIN_MS),
      every: { id: 'probes', name: 'round', data: {}, everyMs, checkEveryMs: CHECK_EVERY_MS },
    });
  }

  /** Resolves once closed; rejects if it ends before. */
  run(): Promise<unknown> {
    return this.#jobs.run();
  }

  /** The round at hand is given up; safe to repeat. */
  async close(): Promise<void> {
    try {
      await this.#jobs.close({ callOff: true });
    } finally {
      await this.#prober.close();
    }
  }
}
