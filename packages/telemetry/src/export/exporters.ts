import { InstrumentType, type PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { temporalityOf } from '../temporality.ts';
import type { Destination } from './config.ts';

/** Endpoint, headers, time limit and compression are read from the process's environment by the exporter itself. */
export async function spanExporter(to: Destination): Promise<SpanExporter> {
  switch (to) {
    case 'http/protobuf':
      return new (await import('@opentelemetry/exporter-trace-otlp-proto')).OTLPTraceExporter();
    case 'http/json':
      return new (await import('@opentelemetry/exporter-trace-otlp-http')).OTLPTraceExporter();
    case 'grpc':
      return new (await import('@opentelemetry/exporter-trace-otlp-grpc')).OTLPTraceExporter();
    case 'console':
      return new (await import('@opentelemetry/sdk-trace')).ConsoleSpanExporter();
  }
}

/**
 * The same for metrics. How gauges are read is not for OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE to say: they would show
 * what is gone.
 */
export async function metricExporter(to: Destination): Promise<PushMetricExporter> {
  const exporter = await plainMetricExporter(to);
  const chosen = exporter.selectAggregationTemporality?.bind(exporter) ?? temporalityOf;
  exporter.selectAggregationTemporality = (type) =>
    type === InstrumentType.OBSERVABLE_GAUGE ? temporalityOf(type) : chosen(type);
  return exporter;
}

async function plainMetricExporter(to: Destination): Promise<PushMetricExporter> {
  switch (to) {
    case 'http/protobuf':
      return new (await import('@opentelemetry/exporter-metrics-otlp-proto')).OTLPMetricExporter();
    case 'http/json':
      return new (await import('@opentelemetry/exporter-metrics-otlp-http')).OTLPMetricExporter();
    case 'grpc':
      return new (await import('@opentelemetry/exporter-metrics-otlp-grpc')).OTLPMetricExporter();
    case 'console':
      return new (await import('@opentelemetry/sdk-metrics')).ConsoleMetricExporter();
  }
}
