import { AggregationTemporality, InstrumentType } from '@opentelemetry/sdk-metrics';

/**
 * A gauge has no temporality, and yet the SDK goes by it: of a cumulative one it goes on showing the last value of attributes that
 * nobody observes any more (a node that has left), of a delta one it shows what was observed now. Everything else is cumulative.
 */
export function temporalityOf(type: InstrumentType): AggregationTemporality {
  return type === InstrumentType.OBSERVABLE_GAUGE ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE;
}
