import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import {
  type AggregationTemporality,
  DataPointType,
  type InstrumentType,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { prometheusName } from './prometheus-name.ts';
import { temporalityOf } from './temporality.ts';

/** Everything measured so far, in the Prometheus text format, whenever somebody asks. */
export class PrometheusText {
  /** For the meter provider. */
  readonly reader = new ScrapeReader({ preventServerStart: true });
  readonly #serializer = new PrometheusSerializer('', false, undefined, true, true);

  async read(): Promise<string> {
    const { resourceMetrics, errors } = await this.reader.collect();
    if (errors.length > 0) throw new AggregateError(errors, 'some metrics could not be collected');
    return this.#serializer.serialize(withPrometheusNames(resourceMetrics));
  }
}

class ScrapeReader extends PrometheusExporter {
  override selectAggregationTemporality(type: InstrumentType): AggregationTemporality {
    return temporalityOf(type);
  }
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
