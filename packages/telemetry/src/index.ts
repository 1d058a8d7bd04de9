export { METRICS, type MetricName } from './catalog.ts';
export { type Instruments, instruments } from './instruments.ts';
export type { MetricDefinition, MetricKind, MetricRole } from './metric.ts';
export { prometheusName } from './prometheus-name.ts';
export { MAX_TENANTS, OTHER_TENANTS, SLI_SPANS, type SliBucket, type SliSpan, type SliStore } from './sli/bucket.ts';
export { addCounts, noCounts, SETUP_BOUNDS_MS, type SliCounts, type SliSource } from './sli/counts.ts';
export { ATTRIBUTE, SPAN, sessionSpanContext } from './spans.ts';
export { type BuildInfo, createMetrics, type Telemetry } from './telemetry.ts';
