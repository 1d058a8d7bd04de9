import {
  INVALID_SPAN_CONTEXT,
  ProxyTracerProvider,
  type Span,
  type SpanContext,
  type SpanOptions,
  type Tracer,
  trace,
} from '@opentelemetry/api';

/** Why something is exported although its trace was not sampled. */
export type KeptReason = 'failed' | 'slow' | 'resumed';

/** What can be said of traces beyond the API's tracer. */
export interface Traces {
  /** A span whose ids are given: the root of its trace. */
  startAs(ids: SpanContext, name: string, options?: SpanOptions): Span;
  /** Whatever this process has ended of that trace, and still holds, and whatever it will end, is exported. */
  keep(traceId: string, why: KeptReason): void;
  /** The connection is over in this process: what is held of its trace is of no interest any more. */
  forget(traceId: string): void;
}

/** Nothing is traced. */
export const NO_TRACES: Traces = {
  startAs: () => trace.wrapSpanContext(INVALID_SPAN_CONTEXT),
  keep: () => undefined,
  forget: () => undefined,
};

export function noTracer(): Tracer {
  return new ProxyTracerProvider().getTracer('culvert');
}
