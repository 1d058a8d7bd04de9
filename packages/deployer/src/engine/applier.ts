import { CulvertError, type ErrorCode, type Logger, sleep, toCulvertError, withDeadline } from '@culvert/base';
import type { NodeView } from '@culvert/registry';
import type { CoreState, Effect, EffectResult } from '../core/types.ts';
import type { NodeProvider } from '../providers/provider.ts';
import { Attempts } from './attempts.ts';
import { DeploySpan, DeploySpans } from './deploy-spans.ts';
import { isLong, type LongJob } from './long-effects.ts';
import type { EngineRegistry, NodeAsker, Providers } from './world.ts';

/** The longest call of one effect: a provider's. */
const DEADLINE_MS = 10_000;
/** So long a tick waits for it; then it goes on beside the next ones. */
const PATIENCE_MS = 1_500;
/** A provider that failed so often in a row won't do it. */
const MAX_PROVIDER_FAILURES = 6;
/** Trying again would be answered the same. */
const FINAL_CODES: ReadonlySet<ErrorCode> = new Set(['invalid_request', 'forbidden', 'config_invalid']);

export interface ApplierOptions {
  readonly registry: EngineRegistry;
  readonly client: NodeAsker;
  readonly providers: Providers;
  /** Makes a job of it, unless there is one. */
  readonly addJob: (job: LongJob) => Promise<void>;
  readonly logger: Logger;
  readonly attempts?: Attempts;
  /** Default: nothing is traced. */
  readonly spans?: DeploySpans;
}

export interface Applying {
  readonly state: CoreState;
  readonly fence: number;
  /** As the tick saw them. */
  readonly nodes: readonly NodeView[];
  /** ms of Redis's clock. */
  readonly nowMs: number;
  /** Of the tick. */
  readonly traceparent?: string | undefined;
  /** Told of each effect that was carried out. */
  readonly onDone: (effect: Effect) => void | Promise<void>;
}

interface Failure {
  readonly error: unknown;
  readonly span: DeploySpan;
}

/**
 * Carries effects out. One that fails is asked for again by the next tick, and then tried again after a pause; one that cannot
 * come to a good end gets a result that says so.
 */
export class Applier {
  readonly #options: ApplierOptions;
  readonly #attempts: Attempts;
  readonly #spans: DeploySpans;
  #deployment: string | undefined;

  constructor(options: ApplierOptions) {
    this.#options = options;
    this.#attempts = options.attempts ?? new Attempts();
    this.#spans = options.spans ?? new DeploySpans(undefined);
  }

  /** Resolves once all are done, or take long; never rejects for an effect that failed. */
  async apply(effects: readonly Effect[], applying: Applying): Promise<void> {
    if (this.#deployment !== applying.state.id) this.#attempts.clear();
    this.#deployment = applying.state.id;
    const enough = new AbortController();
    const all = Promise.all(effects.map((effect) => this.#try(effect, applying)));
    await Promise.race([all, sleep(PATIENCE_MS, enough.signal)]);
    enough.abort();
  }

  async #try(effect: Effect, applying: Applying): Promise<void> {
    const { key, kind } = effect;
    if (!this.#attempts.begin(key)) return;
    const { id } = applying.state;
    // One that has a job of its own has its span there.
    const span = isLong(effect) ? new DeploySpan(undefined) : this.#spans.effect(id, effect, applying.traceparent);
    try {
      await withDeadline(DEADLINE_MS, `the effect ${kind}`, (signal) => this.#carryOut(effect, applying, signal));
      this.#attempts.succeeded(key);
      span.end();
      await applying.onDone(effect);
    } catch (error) {
      span.fail(error);
      span.end();
      await this.#failed(effect, applying, { error, span });
    }
  }

  async #failed(effect: Effect, { state, nowMs }: Applying, { error, span }: Failure): Promise<void> {
    const { key, kind } = effect;
    const { code, message } = toCulvertError(error);
    const times = this.#attempts.failed(key);
    const { registry } = this.#options;
    const logger = this.#options.logger.child({ ...span.fields });
    const fields = { event: 'deploy.effect_failed', deploy_id: state.id, key, code, times, err: error };
    logger[code === 'fenced' ? 'info' : 'warn'](fields, `the effect ${kind} failed`);
    if (!FINAL_CODES.has(code) && !(code === 'provider_failed' && times >= MAX_PROVIDER_FAILURES)) return;
    const result: EffectResult = { ok: false, detail: message, facts: { code, times }, atMs: nowMs, tookMs: 0 };
    try {
      await registry.deployments.putResult(state.id, key, result);
    } catch (cause) {
      // It will fail again, and then be told again.
      logger.warn({ event: 'deploy.result_unwritten', deploy_id: state.id, key, err: cause }, 'a result was not kept');
    }
  }

  async #carryOut(effect: Effect, applying: Applying, signal: AbortSignal): Promise<unknown> {
    const { registry, client, addJob } = this.#options;
    const { state, fence } = applying;
    const { request, id: deployment } = state;
    const { key } = effect;
    if (isLong(effect)) {
      const { traceparent } = applying;
      return addJob({ deployment, effect, ...(traceparent === undefined ? {} : { traceparent }) });
    }
    switch (effect.kind) {
      case 'launch': {
        const { node, replaces, cordoned, version } = effect;
        const { role, pool } = request;
        // On the way back the provider knows where the old version was.
        const choice = version === request.version ? request.provider : { kind: request.provider.kind };
        const what = { id: node, role, pool, version, replaces, cordoned, choice, deployment, fence };
        return this.#provider(request.provider.kind).launch(what, signal);
      }
      case 'terminate': {
        const { node, graceMs } = effect;
        return this.#provider(request.provider.kind).terminate({ id: node, deployment, fence, graceMs }, signal);
      }
      case 'cordon':
        return registry.setCordoned(effect.node, effect.on, { fence });
      case 'drain': {
        const order = { policy: request.policy, stage: effect.stage, deployment, fence, key };
        return client.drain(adminOf(applying.nodes, effect.node), order, signal);
      }
      case 'retire': {
        const order = { deployment, fence, key, deadlineMs: effect.deadlineMs };
        return client.retire(adminOf(applying.nodes, effect.node), order, signal);
      }
      case 'rollout': {
        const outcome = await registry.deployments.setRollout(effect.rollout, fence);
        if (outcome === 'fenced') throw new CulvertError('fenced');
        return outcome;
      }
    }
  }

  #provider(kind: keyof Providers): NodeProvider {
    const provider = this.#options.providers[kind];
    if (provider !== undefined) return provider;
    throw new CulvertError('config_invalid', `this deploy worker has no provider '${kind}'`);
  }
}

function adminOf(nodes: readonly NodeView[], id: string): string {
  const node = nodes.find((one) => one.id === id);
  if (node === undefined || node.state === 'dead') {
    throw new CulvertError('node_unreachable', `${id} is not in the registry`);
  }
  return node.admin;
}
