import {
  type Context,
  INVALID_TRACEID,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type SpanOptions,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { type ReadableSpan, type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace';
import { ATTRIBUTE, SPAN } from '../spans.ts';
import type { KeptReason } from '../traces.ts';
import type { ChosenIds } from './chosen-ids.ts';
import { type Origin, UnsampledSpan } from './unsampled-span.ts';

/** Whether they are of interest is known when they end, or later. */
const RECORDED: ReadonlySet<string> = new Set([
  SPAN.connection,
  SPAN.switchOpen,
  SPAN.switchResume,
  SPAN.dial,
  SPAN.resume,
]);

export interface KeepingTracerOptions {
  /** The SDK's, with ids from `ids`. */
  readonly inner: Tracer;
  /** The one that the SDK's own sampler goes by, too: it decides the same of the same trace. */
  readonly base: Sampler;
  readonly ids: ChosenIds;
  /** Takes what was not sampled, once it has ended. */
  readonly ended: (span: ReadableSpan) => void;
}

/**
 * Makes the SDK's spans of what is sampled, and light ones of a connection that is not: recorded in this process only, and
 * told to the others as not sampled, in case they turn out to matter.
 */
export class KeepingTracer implements Tracer {
  readonly #options: KeepingTracerOptions;
  #origin: Origin | undefined;

  constructor(options: KeepingTracerOptions) {
    this.#options = options;
  }

  startSpan(name: string, options: SpanOptions = {}, context: Context = ROOT_CONTEXT): Span {
    const { inner, base, ids, ended } = this.#options;
    if (!RECORDED.has(name)) return inner.startSpan(name, options, context);
    const known = options.root ? undefined : trace.getSpanContext(context);
    const parent = known?.traceId === INVALID_TRACEID ? undefined : known;
    const traceId = parent?.traceId ?? ids.generateTraceId();
    const own = { traceId, spanId: ids.generateSpanId() };
    const { kind = SpanKind.INTERNAL, attributes = {}, links = [], startTime } = options;
    const above = parent === undefined ? ROOT_CONTEXT : context;
    const { decision } = base.shouldSample(above, traceId, name, kind, attributes, links);
    if (decision === SamplingDecision.RECORD_AND_SAMPLED) {
      return ids.with({ ...own, traceFlags: TraceFlags.SAMPLED }, () => inner.startSpan(name, options, context));
    }
    if (name === SPAN.resume) markResumed(context);
    const about = { name, kind, attributes, links, startTime, parent, ended };
    return new UnsampledSpan({
      ...about,
      context: { ...own, traceFlags: TraceFlags.NONE },
      origin: () => this.#originOf(inner),
    });
  }

  startActiveSpan(...args: unknown[]): never {
    // There is no active span in this process: parents are passed on by hand.
    throw new TypeError(`startActiveSpan(${String(args[0])}): use startSpan`);
  }

  /** As it stands on a span that is sampled whatever the ratio, and never ends. */
  #originOf(inner: Tracer): Origin {
    this.#origin ??= inner.startSpan(SPAN.deployTick, { root: true }) as Span & ReadableSpan; // the SDK's spans are both
    return this.#origin;
  }
}

/** On the connection's own span it stays as long as the connection, whatever else has to be forgotten meanwhile. */
function markResumed(context: Context): void {
  const why: KeptReason = 'resumed';
  trace.getSpan(context)?.setAttribute(ATTRIBUTE.kept, why);
}
