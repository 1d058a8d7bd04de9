import { CulvertError, type Logger, toCulvertError, withDeadline } from '@culvert/base';
import type { Effect, EffectKind, EffectResult } from '../core/types.ts';
import { DeploySpans } from './deploy-spans.ts';
import type { EngineRegistry } from './world.ts';

/** Effects that take seconds, each with the time that one attempt has, in ms. */
export const LONG_EFFECTS = {
  verify: 30_000,
  collect: 10_000,
  probe: 10_000,
  return: 60_000,
  receipt: 30_000,
} as const satisfies Partial<Record<EffectKind, number>>;

export type LongEffect = Extract<Effect, { readonly kind: keyof typeof LONG_EFFECTS }>;

export function isLong(effect: Effect): effect is LongEffect {
  return effect.kind in LONG_EFFECTS;
}

/** A job of its own: any deploy worker may take it. */
export interface LongJob {
  readonly deployment: string;
  readonly effect: LongEffect;
  /** W3C Trace Context of the tick that asked for it; absent: nothing was traced. */
  readonly traceparent?: string;
}

/** What an effect came to; rejects if it came to nothing, and may be tried again. */
export type LongWork = (job: LongJob, signal: AbortSignal) => Promise<Outcome>;

type Outcome = Pick<EffectResult, 'ok' | 'detail' | 'facts'>;

export interface RunOptions {
  readonly registry: Pick<EngineRegistry, 'deployments' | 'redisNow'>;
  readonly work: LongWork;
  readonly logger: Logger;
  /** Of this attempt. */
  readonly signal: AbortSignal;
  readonly attemptsLeft: number;
  /** Default: nothing is traced. */
  readonly spans?: DeploySpans;
}

/** One attempt; its result is stored, the first one wins. Rejects if it failed and is to be tried again. */
export async function runLong(job: LongJob, options: RunOptions): Promise<void> {
  const { registry, spans = new DeploySpans(undefined) } = options;
  const { deployment, effect, traceparent } = job;
  // Somebody was quicker, or this job was taken twice.
  if ((await registry.deployments.results(deployment)).has(effect.key)) return;
  const span = spans.effect(deployment, effect, traceparent);
  try {
    const { ok, detail } = await attempt(job, { ...options, logger: options.logger.child({ ...span.fields }) });
    if (!ok) span.failed(`${effect.kind}_failed`, detail);
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    span.end();
  }
}

async function attempt(job: LongJob, options: RunOptions): Promise<Outcome> {
  const { registry, logger } = options;
  const { deployment, effect } = job;
  const beganMs = performance.now();
  const outcome = await outcomeOf(job, options);
  const tookMs = Math.round(performance.now() - beganMs);
  const atMs = registry.redisNow();
  if (atMs === undefined) throw new CulvertError('registry_unavailable', 'the time of Redis is not known');
  await registry.deployments.putResult(deployment, effect.key, { ...outcome, atMs, tookMs } satisfies EffectResult);
  const { ok, detail } = outcome;
  logger[ok ? 'info' : 'warn'](
    { event: 'deploy.effect_result', deploy_id: deployment, key: effect.key, ok, took_ms: tookMs },
    `${effect.kind} ${effect.key}: ${detail}`,
  );
  return outcome;
}

async function outcomeOf(job: LongJob, { work, signal, attemptsLeft }: RunOptions): Promise<Outcome> {
  const { kind } = job.effect;
  try {
    return await withDeadline(LONG_EFFECTS[kind], `the effect ${kind}`, (late) =>
      work(job, AbortSignal.any([signal, late])),
    );
  } catch (error) {
    // Called off, not failed: the next one to take it begins anew.
    if (signal.aborted) throw new CulvertError('cancelled', `the effect ${kind} was called off`, { cause: error });
    if (attemptsLeft > 0) throw error;
    const { code, message } = toCulvertError(error);
    return { ok: false, detail: message, facts: { code } };
  }
}
