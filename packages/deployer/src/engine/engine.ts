import { CulvertError, type Logger } from '@culvert/base';
import type { Telemetry } from '@culvert/telemetry';
import { JobQueue, type TakenJob } from '../jobs/job-queue.ts';
import type { JobTelemetry } from '../jobs/job-telemetry.ts';
import { Applier } from './applier.ts';
import { DeploySpans } from './deploy-spans.ts';
import { LeaseKeeper } from './lease.ts';
import { LONG_EFFECTS, type LongJob, runLong } from './long-effects.ts';
import { longWork } from './long-work.ts';
import { Observer } from './observer.ts';
import { RecordKeeper } from './record-keeper.ts';
import { activeOrRestored } from './restore.ts';
import { Ticker, type TickOutcome } from './ticker.ts';
import { type PlannedTick, Timetable } from './timetable.ts';
import { Turn, type TurnState } from './turn.ts';
import type { EngineWatch } from './watch.ts';
import type {
  Core,
  EngineRegistry,
  LookAtWindow,
  MakeReceipt,
  MoveSession,
  NodeAsker,
  NodeVerifier,
  OnStage,
  Providers,
} from './world.ts';

const TICK_DEADLINE_MS = 5_000;
const LOCK_MS = 5_000;
const RECONCILE_EVERY_MS = 1_000;
const CHECK_SCHEDULER_EVERY_MS = 2_000;
const LONG_AT_ONCE = 8;
const LONG_ATTEMPTS = 4;
const LONG_RETRY_MS = 500;
/** Beyond what an effect has for itself: to write its result down. */
const LONG_MARGIN_MS = 3_000;

export interface EngineOptions {
  readonly registry: EngineRegistry;
  /** URL of Redis, for the queues, and the cluster's prefix. */
  readonly redis: string;
  readonly prefix: string;
  /** Names this life of the process: `node#boot`. */
  readonly holder: string;
  readonly core: Core;
  readonly client: NodeAsker;
  readonly providers: Providers;
  readonly verifier: NodeVerifier;
  readonly moveSession: MoveSession;
  readonly makeReceipt: MakeReceipt;
  readonly lookAtWindow: LookAtWindow;
  /** Where the deployment under way is kept for a Redis that loses it; null: in memory only. */
  readonly stateDir: string | null;
  /** For system tests, which end the process there. */
  readonly onStage?: OnStage | undefined;
  readonly watch?: EngineWatch | undefined;
  /** Default: nothing is traced. */
  readonly telemetry?: Pick<Telemetry, 'tracer' | 'tracing'>;
  readonly jobTelemetry?: JobTelemetry | undefined;
  readonly logger: Logger;
}

interface TickJob {
  /** The scheduled look at the queue has none. */
  readonly tick?: PlannedTick;
}

/**
 * Moves deployments on, with other deploy workers beside it: one of them has the lease and takes the ticks, all of them take the
 * effects that last. Whatever a process knows can be lost at any point; what matters is in the store.
 */
export class Engine {
  readonly #options: EngineOptions;
  readonly #keeper: RecordKeeper;
  readonly #spans: DeploySpans;
  readonly #lease: LeaseKeeper;
  readonly #turn: Turn;
  readonly #ticker: Ticker;
  readonly #ticks: JobQueue<TickJob>;
  readonly #long: JobQueue<LongJob>;
  readonly #timetable = new Timetable();
  #hearing: Promise<void> | undefined;
  #ending: Promise<void> | undefined;
  #ended = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    const { registry, redis, prefix, holder, stateDir, client, providers, core, onStage, watch, logger } = options;
    const keeper = new RecordKeeper(stateDir, logger);
    const lease = new LeaseKeeper(registry.deployments, holder);
    this.#keeper = keeper;
    const spans = new DeploySpans(options.telemetry);
    this.#spans = spans;
    this.#lease = lease;
    this.#turn = new Turn({
      ...{ lease, logger },
      onTurn: (state) => this.#onTurn(state),
      onRound: () => this.#look(),
    });
    const at = { redis, prefix, logger, telemetry: options.jobTelemetry };
    this.#ticks = new JobQueue({
      ...{ ...at, queue: 'deployments', deadlineMs: TICK_DEADLINE_MS, lockMs: LOCK_MS },
      handle: (job) => (job.name === 'reconcile' ? this.#reconcile() : this.#tick(job)),
      every: {
        ...{ id: 'deployments', name: 'reconcile', data: {} },
        ...{ everyMs: RECONCILE_EVERY_MS, checkEveryMs: CHECK_SCHEDULER_EVERY_MS },
      },
    });
    this.#long = new JobQueue<LongJob>({
      ...{ ...at, queue: 'deploy-effects', lockMs: LOCK_MS, concurrency: LONG_AT_ONCE },
      deadlineMs: ({ effect }) => LONG_EFFECTS[effect.kind] + LONG_MARGIN_MS,
      handle: (job) => this.#runLong(job),
    });
    const addJob = (job: LongJob): Promise<void> =>
      this.#long.add(job.effect.kind, job, { id: job.effect.key, attempts: LONG_ATTEMPTS, retryMs: LONG_RETRY_MS });
    const observer = new Observer({ registry, client, providers, lookAtWindow: options.lookAtWindow, logger });
    const applier = new Applier({ registry, client, providers, addJob, spans, logger });
    this.#ticker = new Ticker({ registry, core, lease, observer, applier, keeper, onStage, watch, spans, logger });
  }

  /** Resolves once closed; rejects if it ends before. */
  async run(): Promise<void> {
    await this.#keeper.load();
    const running = Promise.all([this.#ticks.run(), this.#long.run()]);
    const { registry } = this.#options;
    const forget = [
      registry.onAvailability((up) => up && this.#turn.lookNow()),
      registry.onHint((hint) => hint.kind === 'deployment' && this.#hear()),
    ];
    this.#turn.start();
    try {
      await running;
    } finally {
      for (const remove of forget) remove();
    }
  }

  /** Has this process the lease? */
  get leads(): boolean {
    return this.#turn.ours && this.#ending === undefined;
  }

  /** `draining`: it takes no more jobs; `empty`: those that it had are done, and another has the lease or may take it. */
  get state(): 'ready' | 'draining' | 'empty' {
    if (this.#ending === undefined) return 'ready';
    return this.#ended ? 'empty' : 'draining';
  }

  /**
   * Takes no more jobs, finishes the tick at hand, and hands the lease over: another deploy worker goes on at once. Effects that
   * last are left to the others. Safe to repeat.
   */
  close(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    await this.#turn.stop();
    const closed = await Promise.allSettled([this.#ticks.close(), this.#long.close({ callOff: true })]);
    try {
      await this.#lease.letGo();
    } catch (error) {
      this.#options.logger.warn({ event: 'deploy.lease_kept', err: error }, 'the deploy lease has to lapse by itself');
    }
    await this.#keeper.settled();
    this.#ended = true;
    const failures = closed.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    if (failures.length > 0) throw new AggregateError(failures, 'the queues of the deploy worker did not end cleanly');
  }

  /** A deploy worker that cannot reach the registry takes nothing: the others would wait for it. */
  async #onTurn(state: TurnState): Promise<void> {
    if (state === 'ours') await this.#ticks.resume();
    else await this.#ticks.pause(state === 'elsewhere' ? 'another deploy worker has the lease' : undefined);
    if (state === 'unknown') await this.#long.pause();
    else await this.#long.resume();
  }

  async #tick({ data, signal }: TakenJob<TickJob>): Promise<void> {
    if (data.tick === undefined || !this.#timetable.begin(data.tick, this.#nowMs())) return;
    const ticked = await this.#watchedTick(signal);
    switch (ticked.outcome) {
      case 'not_ours':
      case 'nothing':
        return;
      case 'over':
        // Another one may have waited for its end.
        return this.#reconcile();
      default:
        return this.#schedule(ticked.next);
    }
  }

  async #watchedTick(signal: AbortSignal): Promise<TickOutcome> {
    const startedAt = performance.now();
    let outcome: TickOutcome['outcome'] | 'failed' = 'failed';
    try {
      const ticked = await this.#ticker.tick(signal);
      outcome = ticked.outcome;
      return ticked;
    } finally {
      this.#options.watch?.ticked(outcome, performance.now() - startedAt);
    }
  }

  async #schedule(wanted: PlannedTick): Promise<void> {
    const nowMs = this.#nowMs();
    const tick = this.#timetable.plan(wanted, nowMs);
    if (tick === undefined) return;
    const { deployment, revision, atMs } = tick;
    const delayMs = wanted.atMs <= nowMs ? 0 : atMs - nowMs;
    await this.#ticks.add('tick', { tick }, { id: `${deployment}.${revision}.${atMs}`, delayMs });
  }

  /** Sees to it that the deployment under way has a tick ahead of it, and that commands are not kept waiting. */
  async #reconcile(atOnce = false): Promise<void> {
    const { registry, logger } = this.#options;
    const record = await registry.deployments.active();
    if (record === undefined) return;
    const { id: deployment, revision } = record;
    const isMissing = this.#timetable.isMissing(record, this.#nowMs());
    if (!atOnce && !isMissing && (await registry.deployments.commands(deployment)).length === 0) return;
    if (isMissing) logger.debug({ event: 'deploy.tick_missing', deploy_id: deployment }, 'a missing tick is added');
    await this.#schedule({ deployment, revision, atMs: 0 });
  }

  /** A new deployment, or a command, is not kept waiting; commits are announced, too, and change nothing here. */
  #hear(): void {
    if (!this.#turn.ours || this.#ending !== undefined) return;
    this.#hearing ??= this.#reconcile()
      .catch((error: unknown) => {
        // The scheduled look comes anyway.
        this.#options.logger.debug({ event: 'deploy.hint_lost', err: error }, 'a hint led to nothing');
      })
      .finally(() => {
        this.#hearing = undefined;
      });
  }

  /** Every deploy worker keeps what it would take to put the deployment back. */
  async #look(): Promise<void> {
    const { registry, core, logger, watch } = this.#options;
    const active = await activeOrRestored({ registry, core, keeper: this.#keeper, logger });
    watch?.saw(active);
    if (this.#turn.ours) await this.#reconcile();
  }

  async #runLong({ data, signal, attemptsLeft }: TakenJob<LongJob>): Promise<void> {
    const { registry, logger } = this.#options;
    const work = longWork(this.#options);
    await runLong(data, { registry, work, spans: this.#spans, logger, signal, attemptsLeft });
    // The tick that waits for the result need not wait for its time.
    if (this.#turn.ours && this.#timetable.deployment === data.deployment) await this.#reconcile(true);
  }

  #nowMs(): number {
    const nowMs = this.#options.registry.redisNow();
    if (nowMs === undefined) throw new CulvertError('registry_unavailable', 'the time of Redis is not known');
    return nowMs;
  }
}
