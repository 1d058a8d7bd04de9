import { CulvertError, type Logger } from '@culvert/base';
import { FINAL_STATES } from '@culvert/contracts';
import type { StoredDeployment } from '@culvert/registry';
import type { CoreState, Decision, Observation } from '../core/types.ts';
import type { Applier } from './applier.ts';
import { type DeploySpan, DeploySpans } from './deploy-spans.ts';
import type { LeaseKeeper } from './lease.ts';
import type { Observer } from './observer.ts';
import { aboutEffect, aboutTick, dueAt, hasAdvanced, isNews, type StoredView } from './progress.ts';
import type { RecordKeeper } from './record-keeper.ts';
import type { PlannedTick } from './timetable.ts';
import type { EngineWatch } from './watch.ts';
import type { Core, EngineRegistry, OnStage } from './world.ts';

export type TickOutcome =
  /** Another deploy worker has the lease. */
  | { readonly outcome: 'not_ours' }
  /** No deployment is under way. */
  | { readonly outcome: 'nothing' }
  /** Somebody else moved it on meanwhile: what this tick wanted is not done. */
  | { readonly outcome: 'overtaken'; readonly next: PlannedTick }
  | { readonly outcome: 'done'; readonly next: PlannedTick }
  | { readonly outcome: 'over' };

export interface TickerOptions {
  readonly registry: EngineRegistry;
  readonly core: Core;
  readonly lease: LeaseKeeper;
  readonly observer: Observer;
  readonly applier: Applier;
  readonly keeper: RecordKeeper;
  readonly onStage?: OnStage | undefined;
  readonly watch?: EngineWatch | undefined;
  /** Default: nothing is traced. */
  readonly spans?: DeploySpans;
  readonly logger: Logger;
}

/** What a tick has seen, and what it has decided. */
interface Decided {
  readonly record: StoredDeployment;
  readonly before: CoreState;
  readonly decision: Decision;
  readonly observation: Observation;
  readonly fence: number;
  readonly span: DeploySpan;
}

/**
 * Moves the deployment under way on by one tick: take the lease, observe, decide, commit, and only then have the effects carried
 * out. Whoever lost the lease, or was overtaken, does nothing; whoever dies after the commit leaves effects that the next tick
 * asks for again, under the same keys.
 */
export class Ticker {
  readonly #options: TickerOptions;
  readonly #spans: DeploySpans;

  constructor(options: TickerOptions) {
    this.#options = options;
    this.#spans = options.spans ?? new DeploySpans(undefined);
  }

  /** Rejects when something could not be read; nothing was done then. */
  async tick(signal: AbortSignal): Promise<TickOutcome> {
    const { registry, core, lease: keeper, observer } = this.#options;
    const startedAtMs = Date.now();
    const lease = await keeper.take();
    if (lease === undefined) return { outcome: 'not_ours' };
    const record = await registry.deployments.active();
    if (record === undefined) return { outcome: 'nothing' };
    const before = core.begin(record);
    const observation = await observer.observe(before, core.needs(before), this.#nowMs(), signal);
    signal.throwIfAborted();
    const decision = core.next(before, observation, this.#nowMs());
    const view = core.toView(decision.state, observation, record.revision);
    if (!isNews(record, decision, view)) return { outcome: 'done', next: this.#next(record, before, decision) };
    const span = this.#spans.tick(record, aboutTick(before, decision), startedAtMs);
    try {
      return await this.#carryOut({ record, before, decision, observation, fence: lease.fence, span }, signal);
    } catch (error) {
      span.fail(error);
      throw error;
    } finally {
      span.end();
    }
  }

  async #carryOut(decided: Decided, signal: AbortSignal): Promise<TickOutcome> {
    const { record, before, decision, span } = decided;
    const committed = await this.#commit(decided);
    if (committed === undefined) {
      span.overtaken();
      const { id, revision } = record;
      return { outcome: 'overtaken', next: { deployment: id, revision, atMs: 0 } };
    }
    span.committed(committed.revision, committed.state);
    signal.throwIfAborted();
    await this.#apply(decided);
    return committed.over ? { outcome: 'over' } : { outcome: 'done', next: this.#next(committed, before, decision) };
  }

  async #commit(decided: Decided): Promise<StoredDeployment | undefined> {
    const { record, before, decision, observation, fence, span } = decided;
    const { registry, keeper, onStage } = this.#options;
    const { state, taken, events } = decision;
    const after = this.#after(decided);
    const logger = this.#options.logger.child({ ...span.fields });
    const about = aboutTick(before, decision);
    await onStage?.('before_commit', about);
    const outcome = await registry.deployments.commit({
      ...{ record: after, expected: record.revision, fence, commands: taken, events },
    });
    if (outcome !== 'ok') {
      const fields = { event: 'deploy.overtaken', deploy_id: record.id, outcome, revision: record.revision };
      logger.info(fields, 'another deploy worker moved the deployment on');
      return undefined;
    }
    this.#options.watch?.committed(before, state);
    if (observation.round !== null) keeper.keep(after, observation.round);
    if (before.state !== state.state) {
      const fields = {
        event: 'deploy.state',
        deploy_id: record.id,
        state: state.state,
        revision: after.revision,
        reason: state.reason,
      };
      logger.info(fields, `the deployment is ${state.state}`);
    }
    await onStage?.('after_commit', about);
    return after;
  }

  /** The record as this tick leaves it, for whoever goes on. */
  #after({ record, decision, observation, span }: Decided): StoredDeployment {
    const { state, why, tickAtMs } = decision;
    const revision = record.revision + 1;
    // One that is not traced leaves the chain as it is.
    const traceparent = span.traceparent ?? (record.view as Partial<StoredView>).traceparent;
    const view: StoredView = {
      ...{ deployment: this.#options.core.toView(state, observation, revision), why, tickAtMs },
      ...(traceparent === undefined ? {} : { traceparent }),
    };
    return { ...record, revision, state: state.state, over: FINAL_STATES.includes(state.state), core: state, view };
  }

  #apply({ decision, observation, fence, span }: Decided): Promise<void> {
    const { applier, onStage } = this.#options;
    const { state, effects } = decision;
    return applier.apply(effects, {
      ...{ state, fence, nodes: observation.nodes, nowMs: this.#nowMs(), traceparent: span.traceparent },
      onDone: (effect) => onStage?.('after_effect', aboutEffect(state.id, effect)),
    });
  }

  #next({ id, revision, ...record }: StoredDeployment, before: CoreState, { state, tickAtMs }: Decision): PlannedTick {
    const atMs = hasAdvanced(before, state) ? 0 : (tickAtMs ?? dueAt({ id, revision, ...record }));
    return { deployment: id, revision, atMs };
  }

  #nowMs(): number {
    const nowMs = this.#options.registry.redisNow();
    if (nowMs === undefined) throw new CulvertError('registry_unavailable', 'the time of Redis is not known');
    return nowMs;
  }
}
