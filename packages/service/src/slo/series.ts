import { METRICS, type MetricDefinition, type MetricName, prometheusName } from '@culvert/telemetry';

/** A metric as Prometheus has it; of a histogram, one of its parts. */
export function seriesOf(name: MetricName, part?: 'bucket' | 'count' | 'sum'): string {
  const { kind, unit }: MetricDefinition = METRICS[name];
  const base = prometheusName(name, unit, kind === 'gauge' || kind === 'up-down-counter');
  if (part !== undefined) return `${base}_${part}`;
  return kind === 'counter' || kind === 'observable-counter' ? `${base}_total` : base;
}

/** `30s`, `5m`, `3d`, as PromQL writes times: whole numbers of one unit. */
export function promTime(ms: number): string {
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
  ] as const) {
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${Math.max(0, Math.round(ms))}ms`;
}

/** Matches one bucket of a histogram: Prometheus writes whole bounds as `1.0` from version 3 on, and `1` before. */
export function bucketUpTo(seconds: number): string {
  const text = String(seconds);
  return Number.isInteger(seconds) ? `{le=~"${text}([.]0)?"}` : `{le="${text}"}`;
}
