import { type Clock, CulvertError, type Logger, pause, systemClock, toCulvertError } from '@culvert/base';
import type { ChaosBody, ChaosRun } from '@culvert/contracts';
import type { Registry } from '@culvert/registry';
import type { ChaosClient } from '@culvert/service';
import { beginRun } from './begin-run.ts';
import { account, conclude, reasonToAbort, rehearsalsOf, verdictOf, wordsOf } from './conclude.ts';
import { observe } from './observe.ts';
import type { RestartRedis } from './redis-restarter.ts';
import { advance, lookForNodes, notBack, type StepWorld } from './steps.ts';
import type { StoredRun } from './stored-run.ts';

/** Between two looks; what is measured is exact to so much. ms. */
const LOOK_MS = 250;
/** The record is kept at each change of state, and at least so often. ms. */
const KEEP_MS = 1_000;
const LEASE_MS = 8_000;
/** Between two looks for a run that nobody carries on. ms. */
const ADOPT_MS = 2_000;

export interface ConductorOptions {
  readonly registry: Registry;
  /** With a short deadline: a node that stands still must not keep the others from being looked at. */
  readonly client: ChaosClient;
  readonly restartRedis: RestartRedis | undefined;
  /** `node#boot` of this API. */
  readonly holder: string;
  readonly logger: Logger;
  readonly clock?: Clock;
}

/**
 * Carries out rehearsals of failures, one at a time in a cluster. The run is in Redis, under a lease: when its API ends, any
 * other that may do so goes on with it. The faults themselves end by themselves, at the nodes.
 */
export class Conductor {
  readonly #options: ConductorOptions;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #held: { readonly fence: number } | undefined;
  #adopting: Promise<void> = Promise.resolve();

  constructor(options: ConductorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Goes on with what another API has left; what is under way here is left to others at `close`. */
  start(): void {
    this.#adopting = this.#adopt();
  }

  /** @throws CulvertError chaos_not_allowed, chaos_active, not_steady, node_not_found */
  async begin(body: ChaosBody, by: string): Promise<ChaosRun> {
    const { registry, logger } = this.#options;
    const lease = await this.#lease();
    const busy = (await this.#unfinished())?.run.id;
    if (this.#running || !lease || busy !== undefined) {
      throw new CulvertError('chaos_active', `${busy ?? 'A run'} is under way.`, {
        fix: 'culvert chaos stop ends it.',
      });
    }
    const stored = await beginRun(body, by, { ...this.#options, now: () => this.#clock.now() });
    const { id, steps } = stored.run;
    await registry.chaos.put(id, stored);
    logger.warn({ event: 'chaos.started', run: id, steps: steps.length, key_id: by }, 'failures are rehearsed');
    await this.#tell({ type: 'chaos.started', run: id, steps: `${steps.length}`, by });
    this.#conduct(stored);
    return stored.run;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all([this.#running, this.#adopting]);
    if (!this.#held) return;
    // Without Redis it ends by itself.
    await this.#options.registry.chaos.letGo(this.#held).catch((error: unknown) => {
      this.#options.logger.debug({ event: 'chaos.not_let_go', err: error }, 'the lease ends by itself');
    });
  }

  #conduct(stored: StoredRun): void {
    this.#running = this.#carryOut(stored)
      .catch((error: unknown) => {
        this.#options.logger.error({ event: 'chaos.broken', run: stored.run.id, err: error }, 'a rehearsal broke down');
      })
      .finally(() => {
        this.#running = undefined;
      });
  }

  async #carryOut(stored: StoredRun): Promise<void> {
    let keptAtMs = Number.NEGATIVE_INFINITY;
    let keptState = '';
    while (!this.#stop.signal.aborted) {
      if (!(await this.#mayGoOn())) return; // another API has taken it over
      if (await this.#look(stored)) return;
      const state = stored.run.steps.map((step) => step.state).join();
      if (state !== keptState || this.#clock.monotonic() - keptAtMs > KEEP_MS) {
        keptState = state;
        keptAtMs = this.#clock.monotonic();
        await this.#keep(stored);
      }
      await pause(this.#clock, LOOK_MS, this.#stop.signal);
    }
  }

  /** One look, and what follows from it. Resolves to true once the run is over. */
  async #look(stored: StoredRun): Promise<boolean> {
    const { run } = stored;
    const seen = await observe(stored, this.#options);
    account(stored, seen);
    for (const step of run.steps) lookForNodes(step, seen);
    const at = run.steps.findIndex(({ state }) => !['recovered', 'not_recovered', 'not_begun'].includes(state));
    const ended = await this.#reasonToEnd(stored);
    let broken = ended;
    if (ended === undefined && at >= 0) {
      const world = this.#world(stored);
      await advance(stored, at, seen, world).catch((error: unknown) => {
        broken = { state: 'failed', reason: wordsOf(error) };
      });
    }
    if (broken === undefined && run.steps.some(({ state }) => state === 'not_recovered')) {
      broken = { state: 'failed', reason: 'the cluster did not become well again in time' };
    }
    if (broken === undefined && run.steps.some(({ state }) => state !== 'recovered')) return false;
    // That a node has come back is part of the report.
    if (broken === undefined && notBack(stored, run.steps.length, this.#clock.now()).length > 0) return false;
    if (broken) await this.#revert(stored);
    return this.#end(stored, seen, broken);
  }

  async #reasonToEnd(stored: StoredRun): Promise<{ state: ChaosRun['state']; reason: string } | undefined> {
    const reason = reasonToAbort(stored);
    if (reason !== undefined) return { state: 'aborted', reason };
    const by = await this.#options.registry.chaos.stopAsked(stored.run.id).catch(() => undefined); // asked again soon
    return by === undefined ? undefined : { state: 'stopped', reason: `${by} stopped it` };
  }

  async #end(
    stored: StoredRun,
    seen: Awaited<ReturnType<typeof observe>>,
    broken: { readonly state: ChaosRun['state']; readonly reason: string } | undefined,
  ): Promise<boolean> {
    const { registry, logger } = this.#options;
    const { run } = stored;
    try {
      await conclude(stored, seen, registry);
      for (const step of run.steps) if (step.state === 'waiting') step.state = 'not_begun';
      run.state = broken?.state ?? verdictOf(run);
      run.reason = broken?.reason ?? '';
      run.endedAt = new Date(this.#clock.now()).toISOString();
      for (const rehearsal of rehearsalsOf(stored)) await registry.sli.addRehearsal(rehearsal);
      await registry.chaos.put(run.id, stored);
      await registry.chaos.stopped(run.id);
    } catch (error) {
      // Nobody hears of the end without Redis: it is tried again at the next look.
      run.state = 'running';
      logger.debug({ event: 'chaos.not_kept', run: run.id, err: error }, 'the end of a run could not be kept');
      return false;
    }
    const fields = { event: 'chaos.ended', run: run.id, state: run.state, lost: run.figures.lost };
    logger.warn(fields, `the rehearsal has ${run.state}${run.reason === '' ? '' : `: ${run.reason}`}`);
    await this.#tell({ type: 'chaos.ended', run: run.id, state: run.state, lost: `${run.figures.lost}` });
    return true;
  }

  #world(stored: StoredRun): StepWorld {
    const { client, restartRedis, logger } = this.#options;
    const run = stored.run.id;
    return {
      now: () => this.#clock.now(),
      order: (node, fault) => client.chaos(node.admin, { run, fault }),
      restartRedis:
        restartRedis ??
        (() =>
          Promise.reject(new CulvertError('chaos_not_allowed', 'This API has not been told how to restart Redis.'))),
      keep: () => this.#options.registry.chaos.put(run, stored),
      began: (fault, node) => {
        logger.warn({ event: 'chaos.fault', run, fault, target: node }, `rehearsing: ${fault} ${node}`);
        void this.#tell({ type: 'chaos.fault', run, fault, node });
      },
    };
  }

  /** Whoever does not answer ends its fault by itself. */
  async #revert({ marks }: StoredRun): Promise<void> {
    const admins = new Set(marks.flatMap((mark) => mark?.admins ?? []));
    await Promise.allSettled([...admins].map((admin) => this.#options.client.endChaos(admin)));
  }

  /** Without Redis the run goes on: nobody else can take it. */
  async #mayGoOn(): Promise<boolean> {
    try {
      return (await this.#lease()) !== undefined;
    } catch (error) {
      this.#options.logger.debug({ event: 'chaos.no_lease', err: error }, 'the lease could not be renewed');
      return true;
    }
  }

  async #lease(): Promise<{ readonly fence: number } | undefined> {
    this.#held = await this.#options.registry.chaos.lease(this.#options.holder, LEASE_MS);
    return this.#held;
  }

  async #keep(stored: StoredRun): Promise<void> {
    try {
      await this.#options.registry.chaos.put(stored.run.id, stored);
    } catch (error) {
      this.#options.logger.debug({ event: 'chaos.not_kept', err: error }, 'a run could not be kept; it is in memory');
    }
  }

  async #tell(event: Parameters<Registry['recordEvent']>[0]): Promise<void> {
    await this.#options.registry.recordEvent(event).catch((error: unknown) => {
      this.#options.logger.debug({ event: 'chaos.untold', err: error }, 'the history could not be told of it');
    });
  }

  async #unfinished(): Promise<StoredRun | undefined> {
    const runs = (await this.#options.registry.chaos.list()) as StoredRun[]; // as put above
    return runs.find(({ run }) => run.state === 'running');
  }

  async #adopt(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await pause(this.#clock, ADOPT_MS, this.#stop.signal);
      if (this.#running || this.#stop.signal.aborted) continue;
      try {
        const left = await this.#unfinished();
        if (!left || this.#running || !(await this.#lease())) continue;
        this.#options.logger.warn({ event: 'chaos.adopted', run: left.run.id }, 'going on with a rehearsal');
        this.#conduct(left);
      } catch (error) {
        const { code } = toCulvertError(error);
        this.#options.logger.debug({ event: 'chaos.not_adopted', code }, 'runs could not be looked at');
      }
    }
  }
}
