import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { METRICS } from './catalog.ts';
import type { MetricDefinition, MetricRole } from './metric.ts';
import { prometheusNameOf } from './prometheus-name.ts';

const DOCUMENT = new URL('../../../docs/METRICS.md', import.meta.url);
const ROLES: readonly MetricRole[] = ['api', 'gateway', 'worker', 'deployer'];
const rows: readonly (readonly [name: string, MetricDefinition])[] = Object.entries(METRICS);

/** The page of all metrics. `CULVERT_WRITE_DOCS=1 node --test packages/telemetry/src/catalog.test.ts` writes it. */
function page(): string {
  return `# Metrics

Every role serves \`GET /metrics\` on its admin address, in Prometheus' text format; the same metrics go out over OTLP where
the standard \`OTEL_*\` variables say so. OTLP has them under their names; in Prometheus' text, dots are underscores, and the
unit and \`_total\` of counters are appended, as the OpenTelemetry specification says. No metric carries the id of a session or of
a connection: traces and logs do. Each attribute has few values, whatever customers do. Counters without attributes are
there from the start, those with attributes from their first event on.

The metrics of connections and sessions are of customers' only; what Culvert's own probes see is in \`culvert.probe.*\`.

Times are in seconds, sizes in bytes. Of the kinds, a *counter* rises for as long as the process lives, a *gauge* is read when
somebody looks, and a *histogram* has the classes that are given under the table.

| metric | in Prometheus | kind, unit | attributes | roles | meaning |
|---|---|---|---|---|---|
${rows.map(rowOf).join('\n')}

## Classes of the histograms

| metric | upper bounds |
|---|---|
${rows.flatMap(([name, { buckets }]) => (buckets === undefined ? [] : [`| \`${name}\` | ${buckets.join(', ')} |`])).join('\n')}

Generated from \`packages/telemetry/src/catalog.ts\`; a test compares the two, another one the table with what a cluster shows.
`;
}

function rowOf([name, definition]: readonly [string, MetricDefinition]): string {
  const { kind, unit, attributes = {}, roles, description } = definition;
  const told = Object.entries(attributes).map(([attribute, values]) => `\`${attribute}\` (${values})`);
  const of = ROLES.every((role) => roles.includes(role)) ? 'all' : roles.join(', ');
  const cells = [`\`${name}\``, `\`${prometheusNameOf(name, definition)}\``, `${kindOf(kind)}, ${unitOf(unit)}`];
  return `| ${[...cells, told.join('; ') || '–', of, description].join(' | ')} |`;
}

function kindOf(kind: MetricDefinition['kind']): string {
  if (kind === 'observable-counter') return 'counter';
  return kind === 'up-down-counter' ? 'gauge' : kind;
}

const unitOf = (unit: string): string => (unit === '' ? '–' : `\`${unit}\``);

describe('the table of metrics', () => {
  it('is that of docs/METRICS.md', () => {
    if (process.env.CULVERT_WRITE_DOCS) writeFileSync(DOCUMENT, page());
    assert.equal(readFileSync(DOCUMENT, 'utf8'), page());
  });

  it('names nobody: no id of a session, a connection, a deployment or an agent is an attribute', () => {
    for (const [name, { attributes = {} }] of rows) {
      for (const attribute of Object.keys(attributes)) {
        assert.doesNotMatch(attribute, /(session|connection|deployment|agent)[._]?id|trace|span|address|target/, name);
      }
    }
  });

  it('has words that fit a table, rising classes, and names that stay apart in Prometheus', () => {
    for (const [name, { description, buckets = [], kind, attributes = {} }] of rows) {
      assert.match(name, /^[a-z0-9]+([._][a-z0-9]+)*$/);
      for (const text of [description, ...Object.values(attributes)]) assert.doesNotMatch(text, /[|\n]/, name);
      assert.match(description, /\.$/, name);
      assert.deepEqual(
        buckets,
        [...new Set(buckets)].toSorted((a, b) => a - b),
        name,
      );
      assert.equal(buckets.length > 0, kind === 'histogram', name);
    }
    const names = rows.map(([name, definition]) => prometheusNameOf(name, definition));
    assert.equal(new Set(names).size, names.length);
  });
});
