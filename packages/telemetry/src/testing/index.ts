export { createMetrics } from '../metrics.ts';
export { ACCEPT, type Answer, Collector, type TracesRequest } from './collector.ts';
export { type RecordedSpan, recordSpans } from './recorded-spans.ts';
