import type { Attributes, Context, Link, SpanKind } from '@opentelemetry/api';
import { type Sampler, SamplingDecision, type SamplingResult } from '@opentelemetry/sdk-trace';
import { SPAN } from '../spans.ts';

/** Few, and what all others are linked with. */
const ALWAYS: ReadonlySet<string> = new Set([SPAN.sessionOpen, SPAN.sessionClose, SPAN.deployTick, SPAN.deployEffect]);
/** Whether they are of interest is known when they end, or later. */
const RECORDED: ReadonlySet<string> = new Set([
  SPAN.connection,
  SPAN.switchOpen,
  SPAN.switchResume,
  SPAN.dial,
  SPAN.resume,
]);

/**
 * Decides as `base` does, but has the spans of a connection that is not sampled recorded all the same: in this process only, and
 * told to the others as not sampled. Spans of sessions and deployments are always sampled.
 */
export class KeepingSampler implements Sampler {
  readonly #base: Sampler;

  constructor(base: Sampler) {
    this.#base = base;
  }

  shouldSample(
    context: Context,
    traceId: string,
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SamplingResult {
    if (ALWAYS.has(name)) return { decision: SamplingDecision.RECORD_AND_SAMPLED };
    const result = this.#base.shouldSample(context, traceId, name, kind, attributes, links);
    if (result.decision !== SamplingDecision.NOT_RECORD || !RECORDED.has(name)) return result;
    return { ...result, decision: SamplingDecision.RECORD };
  }

  toString(): string {
    return `Keeping{${this.#base.toString()}}`;
  }
}
