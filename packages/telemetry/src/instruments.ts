import type {
  Counter,
  Histogram,
  Meter,
  MetricOptions,
  ObservableCounter,
  ObservableGauge,
  UpDownCounter,
} from '@opentelemetry/api';
import { METRICS, type MetricName } from './catalog.ts';
import type { MetricDefinition, MetricKind } from './metric.ts';

type NamesOf<K extends MetricKind> = {
  [N in MetricName]: (typeof METRICS)[N]['kind'] extends K ? N : never;
}[MetricName];

/** Makes the instruments of the table, and no others: a name, a unit and a description are written down once. */
export interface Instruments {
  counter(name: NamesOf<'counter'>): Counter;
  upDownCounter(name: NamesOf<'up-down-counter'>): UpDownCounter;
  histogram(name: NamesOf<'histogram'>): Histogram;
  gauge(name: NamesOf<'gauge'>): ObservableGauge;
  observableCounter(name: NamesOf<'observable-counter'>): ObservableCounter;
}

export function instruments(meter: Meter): Instruments {
  return {
    counter: (name) => startAtZero(name, meter.createCounter(name, optionsOf(name))),
    upDownCounter: (name) => meter.createUpDownCounter(name, optionsOf(name)),
    histogram: (name) => meter.createHistogram(name, optionsOf(name)),
    gauge: (name) => meter.createObservableGauge(name, optionsOf(name)),
    observableCounter: (name) => meter.createObservableCounter(name, optionsOf(name)),
  };
}

/** Shown from the start: of a counter that appears with its first event, a rate misses that one. */
function startAtZero(name: MetricName, counter: Counter): Counter {
  const { attributes }: MetricDefinition = METRICS[name];
  if (attributes === undefined) counter.add(0);
  return counter;
}

function optionsOf(name: MetricName): MetricOptions {
  const { description, unit, buckets }: MetricDefinition = METRICS[name];
  return {
    description,
    unit,
    ...(buckets === undefined ? {} : { advice: { explicitBucketBoundaries: [...buckets] } }),
  };
}
