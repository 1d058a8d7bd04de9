import { type Logger, sleep, withDeadline } from '@culvert/base';
import { isElsewhere, parseRedisUrl, redisOptions } from '@culvert/registry';
import { type Job, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

const QUEUE = 'housekeeping';
/** One scheduler of this id however many deploy workers there are: its jobs are deduplicated by it. */
const SCHEDULER = 'housekeeping';
/** A Redis that lost its data lost the scheduler, too: somebody has to look. */
const CHECK_EVERY_MS = 15_000;
const COMMAND_DEADLINE_MS = 5_000;
/** A job's lock; a deploy worker that died lets go of its job after this. */
const LOCK_MS = 30_000;
/** After Redis failed a fetch; BullMQ's own 15 s would be time in which nothing runs. */
const RUN_RETRY_MS = 1_000;
const CLOSE_DEADLINE_MS = 5_000;
const PING_DEADLINE_MS = 500;
const MAX_RECONNECT_MS = 2_000;

export interface HousekeeperOptions {
  /** URL of Redis. */
  readonly redis: string;
  /** Redis prefix of the cluster. */
  readonly prefix: string;
  /** What a job does; rejects if it failed. It brings its own deadline. */
  readonly work: () => Promise<unknown>;
  readonly everyMs: number;
  readonly logger: Logger;
}

/**
 * The queue whose jobs keep the registry tidy, and the worker that runs them. BullMQ promises that a job runs at
 * least once and, across the cluster, rarely twice at a time; sweeps are safe to repeat, so that is enough.
 */
export class Housekeeper {
  readonly #options: HousekeeperOptions;
  readonly #redis: Redis;
  readonly #queue: Queue;
  readonly #worker: Worker;
  readonly #stop = new AbortController();
  readonly #closed = Promise.withResolvers<void>();
  #trouble: string | undefined;
  #running: Promise<unknown> | undefined;

  constructor(options: HousekeeperOptions) {
    this.#options = options;
    const prefix = bullPrefix(options.prefix);
    // Ours, because a queue cannot let go of a connection of its own while that is broken (bullmq 6.7, disconnect()).
    this.#redis = new Redis(connectionOptions(options.redis, prefix));
    this.#queue = new Queue(QUEUE, {
      connection: this.#redis,
      prefix,
      defaultJobOptions: { removeOnComplete: 10, removeOnFail: 50 },
    });
    this.#worker = new Worker(QUEUE, () => this.#work(), {
      connection: connectionOptions(options.redis, prefix),
      prefix,
      autorun: false,
      concurrency: 1,
      lockDuration: LOCK_MS,
      maxStalledCount: 3,
      runRetryDelay: RUN_RETRY_MS,
    });
    // Without a listener, an `error` event would end the process.
    this.#queue.on('error', (error) => this.#complain(error));
    this.#worker.on('error', (error) => this.#complain(error));
    this.#worker.on('failed', (job: Job | undefined, error: Error) => {
      options.logger.warn({ event: 'job.failed', queue: QUEUE, job_id: job?.id, err: error }, 'housekeeping failed');
    });
    this.#worker.on('ready', () => {
      this.#trouble = undefined;
      options.logger.info({ event: 'queue.ready', queue: QUEUE }, 'takes jobs');
    });
  }

  /** Begins to take jobs, and sees to it that there are some. Resolves once closed; rejects if it ends before. */
  run(): Promise<unknown> {
    // BullMQ's own promise stays open for ever when it is closed while Redis is away.
    this.#running ??= Promise.race([this.#closed.promise, Promise.all([this.#worker.run(), this.#keepScheduler()])]);
    return this.#running;
  }

  /** Finishes the job at hand, then lets go of Redis; at once, if Redis does not answer. */
  async close(): Promise<void> {
    this.#stop.abort();
    const isUp = await this.#answers();
    await withDeadline(CLOSE_DEADLINE_MS, 'closing the housekeeping queue', async () => {
      // A polite end of a connection that is gone would wait for it to come back.
      await this.#worker.close(!isUp);
      await this.#queue.close();
      this.#redis.disconnect();
    });
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

  async #work(): Promise<void> {
    await this.#options.work();
  }

  async #keepScheduler(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        // BullMQ's own commands wait for Redis as long as it takes.
        await withDeadline(COMMAND_DEADLINE_MS, 'the look at the job scheduler', () => this.#ensureScheduler());
      } catch (error) {
        if (!signal.aborted) this.#complain(error);
      }
      await sleep(CHECK_EVERY_MS, signal);
    }
  }

  /** Adds the scheduler unless there is one whose next job is due; putting it again would move that job. */
  async #ensureScheduler(): Promise<void> {
    const { everyMs } = this.#options;
    const known = await this.#queue.getJobScheduler(SCHEDULER);
    const isAlive = known?.every === everyMs && (known.next ?? 0) > Date.now() - 2 * everyMs;
    if (!isAlive) await this.#queue.upsertJobScheduler(SCHEDULER, { every: everyMs }, { name: 'sweep' });
  }

  /** Each reason once: a Redis that is away fails the same way every second. */
  #complain(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (reason === this.#trouble) return;
    this.#trouble = reason;
    this.#options.logger.warn({ event: 'queue.trouble', queue: QUEUE, err: error }, 'the job queue has trouble');
  }
}

/** All keys of the queue in one slot, and the cluster's own: BullMQ needs that on Redis Cluster. */
export function bullPrefix(prefix: string): string {
  return `{${prefix}}:bull`;
}

/** On a Cluster, too, this is one connection to one server, the one that has the slot of `prefix`: it is all we use. */
function connectionOptions(url: string, prefix: string) {
  return {
    // ioredis's types were not written for exactOptionalPropertyTypes and refuse their own spread.
    ...(redisOptions(parseRedisUrl(url), prefix) as object),
    connectionName: 'culvert-jobs',
    maxRetriesPerRequest: null, // BullMQ's blocking reads must outlive a reconnect
    retryStrategy: (times: number) => Math.min(MAX_RECONNECT_MS, 100 * 2 ** Math.min(times, 10)) * Math.random(),
    // 2: what was refused because another server has our keys now was not carried out, and is sent to that one.
    reconnectOnError: (error: Error) => (isElsewhere(error) ? 2 : false),
  } as const;
}
