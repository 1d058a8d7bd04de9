import type { Field, FieldType, MessageType } from './wire.ts';

// The messages of OTLP that are looked at here, with their field numbers as published in opentelemetry-proto 1.x
// (opentelemetry/proto/{common,resource,trace,metrics}/v1 and collector/*/v1). What is not listed is skipped.

const one = (name: string, type: FieldType): Field => ({ name, type });
const many = (name: string, type: FieldType): Field => ({ name, type, repeated: true });

// common/v1/common.proto
const anyValue: MessageType = () => ({
  1: one('stringValue', 'string'),
  2: one('boolValue', 'bool'),
  3: one('intValue', 'int64'),
  4: one('doubleValue', 'double'),
  5: one('arrayValue', () => ({ 1: many('values', anyValue) })),
});
const keyValue: MessageType = () => ({ 1: one('key', 'string'), 2: one('value', anyValue) });
const scope: MessageType = () => ({ 1: one('name', 'string'), 2: one('version', 'string') });

// resource/v1/resource.proto
const resource: MessageType = () => ({ 1: many('attributes', keyValue) });

// trace/v1/trace.proto
const event: MessageType = () => ({
  1: one('timeUnixNano', 'fixed64'),
  2: one('name', 'string'),
  3: many('attributes', keyValue),
});
const link: MessageType = () => ({
  1: one('traceId', 'hex'),
  2: one('spanId', 'hex'),
  4: many('attributes', keyValue),
});
const status: MessageType = () => ({ 2: one('message', 'string'), 3: one('code', 'uint32') });
const span: MessageType = () => ({
  1: one('traceId', 'hex'),
  2: one('spanId', 'hex'),
  4: one('parentSpanId', 'hex'),
  5: one('name', 'string'),
  6: one('kind', 'uint32'),
  7: one('startTimeUnixNano', 'fixed64'),
  8: one('endTimeUnixNano', 'fixed64'),
  9: many('attributes', keyValue),
  11: many('events', event),
  13: many('links', link),
  15: one('status', status),
  16: one('flags', 'fixed32'),
});
const scopeSpans: MessageType = () => ({ 1: one('scope', scope), 2: many('spans', span) });
const resourceSpans: MessageType = () => ({ 1: one('resource', resource), 2: many('scopeSpans', scopeSpans) });

// metrics/v1/metrics.proto
const numberPoint: MessageType = () => ({
  7: many('attributes', keyValue),
  4: one('asDouble', 'double'),
  6: one('asInt', 'sfixed64'),
});
const histogramPoint: MessageType = () => ({
  9: many('attributes', keyValue),
  4: one('count', 'fixed64'),
  5: one('sum', 'double'),
  6: many('bucketCounts', 'fixed64'),
  7: many('explicitBounds', 'double'),
});
const metric: MessageType = () => ({
  1: one('name', 'string'),
  3: one('unit', 'string'),
  5: one('gauge', () => ({ 1: many('dataPoints', numberPoint) })),
  7: one('sum', () => ({
    1: many('dataPoints', numberPoint),
    2: one('aggregationTemporality', 'uint32'),
    3: one('isMonotonic', 'bool'),
  })),
  9: one('histogram', () => ({ 1: many('dataPoints', histogramPoint) })),
});
const scopeMetrics: MessageType = () => ({ 1: one('scope', scope), 2: many('metrics', metric) });
const resourceMetrics: MessageType = () => ({ 1: one('resource', resource), 2: many('scopeMetrics', scopeMetrics) });

/** collector/trace/v1: ExportTraceServiceRequest. */
export const TRACES: MessageType = () => ({ 1: many('resourceSpans', resourceSpans) });
/** collector/metrics/v1: ExportMetricsServiceRequest. */
export const METRICS: MessageType = () => ({ 1: many('resourceMetrics', resourceMetrics) });
