import { type Logger, sleep, withDeadline } from '@culvert/base';
import { type Job, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { bullPrefix, connectionOptions } from './connection.ts';
import type { JobTelemetry } from './job-telemetry.ts';

const COMMAND_DEADLINE_MS = 5_000;
/** After Redis failed a fetch; BullMQ's own 15 s would be time in which nothing runs. */
const RUN_RETRY_MS = 1_000;
const CLOSE_DEADLINE_MS = 5_000;
const PING_DEADLINE_MS = 500;
/** Stalls add up over a job's life (bullmq#2152); what runs here may be run again. */
const MAX_STALLS = 3;

/** A job as its handler sees it. */
export interface TakenJob<D> {
  readonly id: string;
  readonly name: string;
  readonly data: D;
  /** Attempts that are left after this one. */
  readonly attemptsLeft: number;
  /** Aborted when the time is up, when the job's lock was lost, and when it is called off. */
  readonly signal: AbortSignal;
}

/** Added again and again by BullMQ, once per period however many processes there are. */
export interface EverySchedule<D> {
  /** One scheduler of this id in the cluster. */
  readonly id: string;
  readonly name: string;
  readonly data: D;
  readonly everyMs: number;
  /** A Redis that lost its data lost the scheduler, too: somebody has to look. */
  readonly checkEveryMs: number;
}

export interface JobQueueOptions<D> {
  readonly queue: string;
  /** URL of Redis. */
  readonly redis: string;
  /** Redis prefix of the cluster. */
  readonly prefix: string;
  /** Does a job; rejects if it failed. */
  readonly handle: (job: TakenJob<D>) => Promise<unknown>;
  /** Of one attempt, in ms: a handler that takes longer has failed, whether it heeds its signal or not. */
  readonly deadlineMs: number | ((data: D) => number);
  /** A job's lock; the jobs of a process that died are others' after about this. In ms. */
  readonly lockMs: number;
  /** Default 1. */
  readonly concurrency?: number;
  /** Jobs that ended; default: none are kept, so that their ids can be used again. */
  readonly keep?: { readonly completed: number; readonly failed: number };
  readonly every?: EverySchedule<D>;
  /** Undefined: jobs are not traced. */
  readonly telemetry?: JobTelemetry | undefined;
  readonly logger: Logger;
}

export interface AddOptions {
  /** A job of this id that waits or runs makes this one superfluous. */
  readonly id: string;
  readonly delayMs?: number;
  /** In all; default 1. The pauses between them grow from `retryMs`, with jitter. */
  readonly attempts?: number;
  readonly retryMs?: number;
}

/**
 * A queue and the worker that takes its jobs. BullMQ promises that a job runs at least once and, across the cluster, rarely
 * twice at a time: what is done here has to be safe to repeat.
 */
export class JobQueue<D> {
  readonly #options: JobQueueOptions<D>;
  readonly #redis: Redis;
  readonly #queue: Queue;
  readonly #worker: Worker;
  readonly #stop = new AbortController();
  readonly #closed = Promise.withResolvers<void>();
  #trouble: string | undefined;
  #running: Promise<unknown> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: JobQueueOptions<D>) {
    this.#options = options;
    const { queue, logger, lockMs, concurrency = 1, keep } = options;
    const traced = options.telemetry === undefined ? {} : { telemetry: options.telemetry };
    const prefix = bullPrefix(options.prefix);
    // Ours, because a queue cannot let go of a connection of its own while that is broken (bullmq 6.7, disconnect()).
    this.#redis = new Redis(connectionOptions(options.redis, prefix));
    this.#queue = new Queue(queue, {
      connection: this.#redis,
      prefix,
      defaultJobOptions: { removeOnComplete: keep?.completed ?? true, removeOnFail: keep?.failed ?? true },
      ...traced,
    });
    // BullMQ makes a signal for handlers with a third parameter only.
    this.#worker = new Worker(queue, (job, _token, signal) => this.#take(job, signal), {
      connection: connectionOptions(options.redis, prefix),
      prefix,
      autorun: false,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: lockMs,
      maxStalledCount: MAX_STALLS,
      runRetryDelay: RUN_RETRY_MS,
      ...traced,
    });
    // Without a listener, an `error` event would end the process.
    this.#queue.on('error', (error) => this.#complain(error));
    this.#worker.on('error', (error) => this.#complain(error));
    // Whoever lost a job's lock shares the job with another by now.
    this.#worker.on('lockRenewalFailed', (ids) => {
      for (const id of ids) this.#worker.cancelJob(id, 'the lock of the job was lost');
    });
    this.#worker.on('failed', (job: Job | undefined, error: Error) => {
      logger.warn({ event: 'job.failed', queue, job_id: job?.id, err: error }, `a job of ${queue} failed`);
    });
    this.#worker.on('ready', () => {
      this.#trouble = undefined;
      logger.info({ event: 'queue.ready', queue }, 'takes jobs');
    });
  }

  /** Begins to take jobs, and sees to it that the scheduled ones are there. Resolves once closed; rejects if it ends before. */
  run(): Promise<unknown> {
    const closed = this.#closed.promise;
    // BullMQ's own promise stays open for ever when it is closed while Redis is away, and ends when it is paused.
    const working = Promise.all([this.#worker.run(), this.#keepScheduler()]).then(() => closed);
    this.#running ??= Promise.race([closed, working]);
    return this.#running;
  }

  /** Takes no further jobs until `resume`; a fetch that is under way may still bring one. `callOff`: why those at hand are. */
  async pause(callOff?: string): Promise<void> {
    await this.#worker.pause(true);
    if (callOff !== undefined) this.#worker.cancelAllJobs(callOff);
  }

  async resume(): Promise<void> {
    if (this.#worker.isPaused()) await this.#worker.resume();
  }

  /** Rejects with `timeout` while Redis is away; the job may be there later all the same. */
  async add(name: string, data: D, { id, delayMs = 0, attempts = 1, retryMs = 0 }: AddOptions): Promise<void> {
    const delay = Math.max(0, Math.ceil(delayMs));
    const backoff = { type: 'exponential', delay: retryMs, jitter: 0.5 };
    await withDeadline(COMMAND_DEADLINE_MS, 'adding a job', () =>
      this.#queue.add(name, data, { jobId: id, delay, attempts, ...(attempts > 1 ? { backoff } : {}) }),
    );
  }

  /**
   * Finishes the jobs at hand (`callOff`: fails them, for another process to take), then lets go of Redis; at once, if Redis
   * does not answer. Safe to repeat.
   */
  close({ callOff = false }: { callOff?: boolean } = {}): Promise<void> {
    this.#closing ??= this.#close(callOff);
    return this.#closing;
  }

  async #close(callOff: boolean): Promise<void> {
    this.#stop.abort();
    if (callOff) this.#worker.cancelAllJobs('the process is stopping');
    const isUp = await this.#answers();
    try {
      await withDeadline(CLOSE_DEADLINE_MS, `closing the queue ${this.#options.queue}`, async () => {
        // A polite end of a connection that is gone would wait for it to come back.
        await this.#worker.close(!isUp);
        await this.#queue.close();
      });
    } finally {
      this.#redis.disconnect(); // also when that took too long: it would try again for ever
    }
    this.#closed.resolve();
  }

  async #answers(): Promise<boolean> {
    try {
      await withDeadline(PING_DEADLINE_MS, 'a look at Redis', () => this.#queue.getJobSchedulersCount());
      return true;
    } catch {
      return false; // why does not matter: there is nothing to say goodbye to
    }
  }

  /** A handler that hangs would have its lock renewed for ever (bullmq#3185), hence the deadline here. */
  async #take(job: Job, lost: AbortSignal | undefined): Promise<void> {
    const { queue, handle, deadlineMs } = this.#options;
    const ms = typeof deadlineMs === 'number' ? deadlineMs : deadlineMs(job.data);
    await withDeadline(ms, `a job of ${queue}`, (late) =>
      handle({
        id: job.id ?? '',
        name: job.name,
        data: job.data,
        attemptsLeft: (job.opts.attempts ?? 1) - job.attemptsMade - 1,
        signal: lost === undefined ? late : AbortSignal.any([late, lost]),
      }),
    );
  }

  async #keepScheduler(): Promise<void> {
    const { every } = this.#options;
    const { signal } = this.#stop;
    while (every !== undefined && !signal.aborted) {
      try {
        // BullMQ's own commands wait for Redis as long as it takes.
        await withDeadline(COMMAND_DEADLINE_MS, 'the look at the job scheduler', () => this.#ensureScheduler(every));
      } catch (error) {
        if (!signal.aborted) this.#complain(error);
      }
      await sleep(every.checkEveryMs, signal);
    }
  }

  /** Adds the scheduler unless there is one whose next job is due; putting it again would move that job. */
  async #ensureScheduler({ id, name, data, everyMs }: EverySchedule<D>): Promise<void> {
    const known = await this.#queue.getJobScheduler(id);
    const isAlive = known?.every === everyMs && (known.next ?? 0) > Date.now() - 2 * everyMs;
    if (!isAlive) await this.#queue.upsertJobScheduler(id, { every: everyMs }, { name, data });
  }

  /** Each reason once: a Redis that is away fails the same way every second. */
  #complain(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (reason === this.#trouble) return;
    this.#trouble = reason;
    const { queue, logger } = this.#options;
    logger.warn({ event: 'queue.trouble', queue, err: error }, 'the job queue has trouble');
  }
}
