import { CulvertError, type Logger, sleep, withDeadline } from '@culvert/base';
import { type KnownSchedule, nextTime, readSchedules, runIdOf } from '@culvert/service';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { bullPrefix, connectionOptions } from '../jobs/connection.ts';
import { JobQueue } from '../jobs/job-queue.ts';
import type { JobTelemetry } from '../jobs/job-telemetry.ts';
import type { DocumentKeeper } from './document-keeper.ts';
import { fire, type ScheduleRegistry } from './fire.ts';

const QUEUE = 'deploy-schedules';
/** A schedule that is put or deleted is taken up within this. */
const CHECK_EVERY_MS = 5_000;
const COMMAND_DEADLINE_MS = 5_000;
const FIRE_DEADLINE_MS = 10_000;
const LOCK_MS = 30_000;
const ATTEMPTS = 3;
const RETRY_MS = 2_000;

export interface SchedulesOptions {
  /** URL of Redis. */
  readonly redis: string;
  /** Redis prefix of the cluster. */
  readonly prefix: string;
  readonly registry: ScheduleRegistry;
  /** Remembers what is stored, for a Redis that loses it. */
  readonly keeper: Pick<DocumentKeeper, 'look'>;
  readonly telemetry?: JobTelemetry | undefined;
  readonly logger: Logger;
}

interface Due {
  readonly schedule: string;
}

/**
 * Keeps one BullMQ job scheduler for each schedule that is stored, and begins what they ask for. However many deploy workers
 * do so: a scheduler is known by its id, and a firing makes one deployment.
 */
export class Schedules {
  readonly #options: SchedulesOptions;
  readonly #redis: Redis;
  readonly #queue: Queue;
  readonly #jobs: JobQueue<Due>;
  readonly #stop = new AbortController();
  #trouble: string | undefined;
  #running: Promise<unknown> | undefined;

  constructor(options: SchedulesOptions) {
    this.#options = options;
    const { redis, logger } = options;
    const prefix = bullPrefix(options.prefix);
    this.#redis = new Redis(connectionOptions(redis, prefix));
    this.#queue = new Queue(QUEUE, { connection: this.#redis, prefix });
    this.#queue.on('error', (error) => this.#complain(error));
    this.#jobs = new JobQueue<Due>({
      ...{ queue: QUEUE, redis, prefix: options.prefix, logger, deadlineMs: FIRE_DEADLINE_MS, lockMs: LOCK_MS },
      handle: ({ id, data }) => this.#fire(data.schedule, dueOf(id)),
      telemetry: options.telemetry,
    });
  }

  /** Resolves once closed; rejects if it ends before. */
  run(): Promise<unknown> {
    this.#running ??= Promise.all([this.#jobs.run(), this.#keepInStep()]);
    return this.#running;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    try {
      await this.#jobs.close();
    } finally {
      this.#redis.disconnect();
    }
  }

  async #fire(id: string, dueMs: number): Promise<void> {
    const { registry, logger } = this.#options;
    const schedule = await this.#find(id);
    // Deleted since; its scheduler goes with the next look.
    if (schedule !== undefined) await fire(registry, { schedule, dueMs }, logger);
  }

  async #find(id: string): Promise<KnownSchedule | undefined> {
    return (await this.#stored()).find((schedule) => schedule.id === id);
  }

  async #stored(): Promise<KnownSchedule[]> {
    return readSchedules(await this.#options.registry.deployments.documents('schedule'));
  }

  async #keepInStep(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        // BullMQ's own commands wait for Redis as long as it takes.
        await withDeadline(COMMAND_DEADLINE_MS, 'the look at the schedules', () => this.#sync());
        this.#trouble = undefined;
      } catch (error) {
        if (!signal.aborted) this.#complain(error);
      }
      await sleep(CHECK_EVERY_MS, signal);
    }
  }

  async #sync(): Promise<void> {
    await this.#options.keeper.look();
    const stored = new Map((await this.#stored()).map((schedule) => [schedule.id, schedule]));
    const known = await this.#queue.getJobSchedulers(0, -1);
    const current = new Set<string>();
    for (const { key, pattern, tz, next } of known) {
      const schedule = stored.get(key);
      if (schedule === undefined) await this.#queue.removeJobScheduler(key);
      // One whose time is long past has lost its job.
      else if (pattern === schedule.cron && tz === schedule.timezone && (next ?? 0) > Date.now() - LOCK_MS) {
        current.add(key);
      }
    }
    for (const schedule of stored.values()) {
      if (!current.has(schedule.id)) await this.#plan(schedule);
    }
  }

  async #plan(schedule: KnownSchedule): Promise<void> {
    const { id, cron, timezone, run } = schedule;
    const opts = {
      ...{ attempts: ATTEMPTS, backoff: { type: 'exponential', delay: RETRY_MS, jitter: 0.5 } },
      ...{ removeOnComplete: true, removeOnFail: true },
    };
    const template = { name: 'fire', data: { schedule: id }, opts };
    await this.#queue.upsertJobScheduler(id, { pattern: cron, tz: timezone }, template);
    const nextAt = new Date(nextTime(schedule, Date.now())).toISOString();
    await this.#options.registry.deployments.putDocument('schedule', runIdOf(id), { ...run, nextAt });
  }

  /** Each reason once: a Redis that is away fails the same way every time. */
  #complain(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (reason === this.#trouble) return;
    this.#trouble = reason;
    this.#options.logger.warn({ event: 'schedule.trouble', err: error }, 'the schedules cannot be kept in step');
  }
}

/** BullMQ names a scheduler's job `repeat:<scheduler>:<ms since the Unix epoch>`. */
function dueOf(jobId: string): number {
  const dueMs = Number(jobId.slice(jobId.lastIndexOf(':') + 1));
  if (Number.isSafeInteger(dueMs)) return dueMs;
  throw new CulvertError('internal', `a job of the schedules is named ${jobId}`);
}
