import { type Attributes, ROOT_CONTEXT, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { ChosenIds } from '../sampling/chosen-ids.ts';
import { NO_TRACES, type Traces } from '../traces.ts';

/** A span that has ended, as a test wants to compare it. */
export interface RecordedSpan {
  readonly name: string;
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly attributes: Attributes }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  /** `unset`, or `error: ` and why. */
  readonly status: string;
}

export interface SpanRecorder {
  readonly tracer: Tracer;
  readonly tracing: true;
  readonly traces: Traces;
  /** Those that have ended, the earliest first. */
  spans(): RecordedSpan[];
}

/** What traces as a role's telemetry does, and keeps everything. */
export function recordSpans(): SpanRecorder {
  const exporter = new InMemorySpanExporter();
  const ids = new ChosenIds();
  const provider = new TracerProvider({
    idGenerator: ids,
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('test');
  return {
    tracer,
    tracing: true,
    traces: {
      ...NO_TRACES,
      startAs: (context, name, options) => ids.with(context, () => tracer.startSpan(name, options, ROOT_CONTEXT)),
    },
    spans: () => exporter.getFinishedSpans().map(recorded),
  };
}

function recorded(span: ReadableSpan): RecordedSpan {
  const { traceId, spanId } = span.spanContext();
  const { code, message } = span.status;
  return {
    name: span.name,
    kind: SpanKind[span.kind].toLowerCase(),
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId,
    attributes: span.attributes,
    events: span.events.map(({ name, attributes = {} }) => ({ name, attributes })),
    links: span.links.map(({ context }) => ({ traceId: context.traceId, spanId: context.spanId })),
    status: code === SpanStatusCode.ERROR ? `error: ${message}` : 'unset',
  };
}
