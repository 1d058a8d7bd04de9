import type { Attributes, Context, Link, SpanKind } from '@opentelemetry/api';
import { type Sampler, SamplingDecision, type SamplingResult } from '@opentelemetry/sdk-trace';
import { SPAN } from '../spans.ts';

/** Few, and what all others are linked with. */
const ALWAYS: ReadonlySet<string> = new Set([SPAN.sessionOpen, SPAN.sessionClose, SPAN.deployTick, SPAN.deployEffect]);

/** Decides as `base` does, save that spans of sessions and deployments are always sampled. */
export class EssentialSampler implements Sampler {
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
    return this.#base.shouldSample(context, traceId, name, kind, attributes, links);
  }

  toString(): string {
    return `Essential{${this.#base.toString()}}`;
  }
}
