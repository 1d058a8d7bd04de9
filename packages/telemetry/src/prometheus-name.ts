import type { MetricDefinition } from './metric.ts';

/** Units in words, as Prometheus' names end; those in braces count things and are left out. */
const WORDS: Readonly<Record<string, string>> = { s: 'seconds', By: 'bytes', '1': 'ratio' };

/**
 * How a metric is called in Prometheus' text, without `_total` of counters (OpenTelemetry specification, "Prometheus and
 * OpenMetrics compatibility": the unit is appended as a word; `1` as `ratio`, on gauges only).
 */
export function prometheusName(name: string, unit: string, isGauge: boolean): string {
  const bare = name.replace(/[^a-zA-Z0-9_:]/g, '_');
  const word = unit === '1' && !isGauge ? undefined : WORDS[unit];
  return word === undefined || bare.endsWith(`_${word}`) ? bare : `${bare}_${word}`;
}

/** A metric's name there in full; a histogram's is followed by `_bucket`, `_sum` and `_count`. */
export function prometheusNameOf(name: string, { kind, unit }: MetricDefinition): string {
  const isCounter = kind === 'counter' || kind === 'observable-counter';
  const isGauge = kind === 'gauge' || kind === 'up-down-counter';
  return `${prometheusName(name, unit, isGauge)}${isCounter ? '_total' : ''}`;
}
