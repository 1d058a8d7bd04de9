import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { METRICS, prometheusNameOf } from '@culvert/telemetry';
import { parse } from 'yaml';
import { BOARDS, queriesOf } from '../../../infra/grafana/boards/index.ts';
import type { Family } from '../prometheus/exposition.ts';
import type { KnownSeries } from '../prometheus/named.ts';

export const infra = resolve(import.meta.dirname, '..', '..', '..', 'infra');

export interface Expression {
  /** `board cluster: Sessions`, `rule CulvertNodeDown`. */
  readonly where: string;
  readonly expr: string;
}

export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export function rules(): Rule[] {
  const text = readFileSync(join(infra, 'prometheus/rules.yaml'), 'utf8');
  return (parse(text) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);
}

/** What boards and rules ask Prometheus, with variables of Grafana filled in. */
export function expressions(): Expression[] {
  const boards = Object.entries(BOARDS).flatMap(([name, spec]) => [
    ...queriesOf(spec).map(({ where, expr }) => ({ where: `board ${name}: ${where}`, expr: filled(expr) })),
    ...Object.values(spec.variables ?? {}).map(({ label, query }) => ({
      where: `board ${name}, variable ${label}`,
      expr: query.replace(/^label_values\((\w+), (\w+)\)$/, 'count by ($2) ($1)'),
    })),
  ]);
  return [...boards, ...rules().map(({ record, alert, expr }) => ({ where: `rule ${record ?? alert}`, expr }))];
}

function filled(expr: string): string {
  return expr.replaceAll('$__rate_interval', '1m').replace(/\$(?:instance|tenant)\b/g, '.*');
}

/** As the table of metrics says. */
export function seriesOfTable(): Map<string, Set<string>> {
  const known = new Map<string, Set<string>>();
  for (const [name, row] of Object.entries(METRICS) as [
    keyof typeof METRICS,
    (typeof METRICS)[keyof typeof METRICS],
  ][]) {
    const labels = Object.keys('attributes' in row ? row.attributes : {}).map((label) => label.replaceAll('.', '_'));
    const shown = prometheusNameOf(name, row);
    if (row.kind !== 'histogram') known.set(shown, new Set(labels));
    else for (const part of ['bucket', 'sum', 'count']) known.set(`${shown}_${part}`, new Set([...labels, 'le']));
  }
  return known;
}

/** As processes show it. */
export function seriesOfScrapes(scrapes: readonly ReadonlyMap<string, Family>[]): Map<string, Set<string>> {
  const known = new Map<string, Set<string>>();
  for (const { name, labels } of scrapes.flatMap((families) =>
    [...families.values()].flatMap(({ samples }) => samples),
  )) {
    const has = known.get(name) ?? new Set<string>();
    for (const label of Object.keys(labels)) has.add(label);
    known.set(name, has);
  }
  return known;
}

/** … with what the rules themselves record. */
export function withRecorded(known: KnownSeries): KnownSeries {
  const recorded = rules().flatMap(({ record, labels = {} }) =>
    record === undefined ? [] : [[record, new Set(Object.keys(labels))] as const],
  );
  return new Map([...known, ...recorded]);
}
