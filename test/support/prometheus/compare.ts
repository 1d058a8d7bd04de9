import { METRICS, type MetricDefinition, type MetricRole, prometheusNameOf } from '@culvert/telemetry';
import type { Family } from './exposition.ts';

/** What Prometheus' format adds to a histogram's series. */
const OF_HISTOGRAMS: ReadonlySet<string> = new Set(['le']);
const TYPES: Readonly<Record<MetricDefinition['kind'], string>> = {
  counter: 'counter',
  'observable-counter': 'counter',
  'up-down-counter': 'gauge',
  gauge: 'gauge',
  histogram: 'histogram',
};

const table: readonly (readonly [name: string, MetricDefinition])[] = Object.entries(METRICS);
const byPrometheusName = new Map(table.map((row) => [prometheusNameOf(...row), row]));

/** What is wrong with what a role shows, in words: each metric has to be in the table, of its kind, with exactly its labels. */
export function wrongWith(role: MetricRole, families: ReadonlyMap<string, Family>): string[] {
  return [...families.values()].flatMap(({ name, type, samples }) => {
    const row = byPrometheusName.get(name);
    if (row === undefined) return [`${role} shows ${name}, which is not in the table`];
    const [, { kind, roles, attributes = {} }] = row;
    const expected = Object.keys(attributes).map((attribute) => attribute.replaceAll('.', '_'));
    const labels = new Set(samples.flatMap((one) => Object.keys(one.labels)).filter((one) => !OF_HISTOGRAMS.has(one)));
    return [
      ...(roles.includes(role) ? [] : [`${role} shows ${name}, which the table does not say of it`]),
      ...(TYPES[kind] === type ? [] : [`${name} is a ${type}, in the table a ${kind}`]),
      ...(same(labels, expected) ? [] : [`${name} has the labels ${[...labels]}, in the table ${expected}`]),
    ];
  });
}

/** Metrics of the table that a role should show and that are in none of its scrapes. */
export function missingOf(role: MetricRole, scrapes: readonly ReadonlyMap<string, Family>[]): string[] {
  const shown = new Set(scrapes.flatMap((families) => [...families.values()]).flatMap(withSamples));
  return [...byPrometheusName]
    .filter(([name, [, { roles }]]) => (roles as readonly MetricRole[]).includes(role) && !shown.has(name))
    .map(([, [name]]) => name);
}

function withSamples({ name, samples }: Family): string[] {
  return samples.length === 0 ? [] : [name];
}

function same(labels: ReadonlySet<string>, expected: readonly string[]): boolean {
  return labels.size === expected.length && expected.every((label) => labels.has(label));
}
