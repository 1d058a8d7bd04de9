export {
  type Attributes,
  type Context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
export { CappedTenants } from './capped-tenants.ts';
export { METRICS, type MetricName } from './catalog.ts';
export { type ExportConfig, readExportConfig } from './export/config.ts';
export { type Instruments, instruments } from './instruments.ts';
export type { MetricDefinition, MetricKind, MetricRole } from './metric.ts';
export { prometheusName, prometheusNameOf } from './prometheus-name.ts';
export { MAX_TENANTS, OTHER_TENANTS, SLI_SPANS, type SliBucket, type SliSpan, type SliStore } from './sli/bucket.ts';
export { type Classified, FAULTS, type Fault, faultOf } from './sli/classify.ts';
export { addCounts, noCounts, SETUP_BOUNDS_MS, type SliCounts, type SliSource } from './sli/counts.ts';
export { SliRecorder } from './sli/recorder.ts';
export type { SliChange, SliField, SliLevel, SliSeries } from './sli/series.ts';
export { SliWriter, type SliWriterOptions } from './sli/writer.ts';
export { ATTRIBUTE, SPAN, sessionSpanContext } from './spans.ts';
export { type BuildInfo, startTelemetry, type Telemetry, type TelemetryOptions } from './telemetry.ts';
export {
  failSpan,
  parentContext,
  parseTraceparent,
  type TraceFields,
  traceFields,
  traceparentOf,
} from './trace-context.ts';
export type { KeptReason, Traces } from './traces.ts';
