import { type Meter, ProxyTracerProvider, type Tracer } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { DataPointType, MeterProvider, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { observeProcess } from './process-metrics.ts';
import { prometheusName } from './prometheus-name.ts';

/** What a process tells of itself. */
export interface Telemetry {
  /** For `instruments()`. */
  readonly meter: Meter;
  /** Makes spans; ones that cost nothing, and go nowhere, while nothing is traced. */
  readonly tracer: Tracer;
  /** Spans go somewhere. */
  readonly tracing: boolean;
  /** Everything measured so far, in the Prometheus text format. */
  text(): Promise<string>;
  /** Sends what is left, within a bound. */
  close(): Promise<void>;
}

export interface BuildInfo {
  readonly role: string;
  readonly version: string;
  readonly node_id: string;
}

/** A provider of its own, not OpenTelemetry's global one: two nodes in one process (tests) stay apart. */
export function createMetrics(build: BuildInfo): Telemetry {
  const reader = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [reader] });
  const meter = provider.getMeter('culvert', build.version);
  const serializer = new PrometheusSerializer('', false, undefined, true, true);
  const stopBasics = observeProcess(meter, build);
  return {
    meter,
    tracer: new ProxyTracerProvider().getTracer('culvert', build.version),
    tracing: false,
    async text() {
      const { resourceMetrics, errors } = await reader.collect();
      if (errors.length > 0) throw new AggregateError(errors, 'some metrics could not be collected');
      return serializer.serialize(withPrometheusNames(resourceMetrics));
    },
    async close() {
      stopBasics();
      await provider.shutdown();
    },
  };
}

/** The serializer translates dots and counters, but not units. */
function withPrometheusNames(metrics: ResourceMetrics): ResourceMetrics {
  const rename = (metric: MetricData): MetricData => {
    const { name, unit } = metric.descriptor;
    const isGauge = metric.dataPointType === DataPointType.GAUGE;
    return { ...metric, descriptor: { ...metric.descriptor, name: prometheusName(name, unit, isGauge) } };
  };
  const scopeMetrics = metrics.scopeMetrics.map((scope) => ({ ...scope, metrics: scope.metrics.map(rename) }));
  return { ...metrics, scopeMetrics };
}
