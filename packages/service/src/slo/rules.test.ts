import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { METRICS, type MetricName } from '@culvert/telemetry';
import { DEFAULT_OBJECTIVES } from './objectives.ts';
import { alertRules } from './rules.ts';
import { bucketUpTo, promTime, seriesOf } from './series.ts';

/** Every series that Culvert's metrics have in Prometheus. */
function allSeries(): Set<string> {
  const names = Object.keys(METRICS) as MetricName[];
  return new Set(
    names.flatMap((name) =>
      METRICS[name].kind === 'histogram'
        ? (['bucket', 'count', 'sum'] as const).map((part) => seriesOf(name, part))
        : [seriesOf(name)],
    ),
  );
}

function expressions(yaml: string): string[] {
  return [...yaml.matchAll(/^ +(?:- )?expr: (".*")$/gm)].map(([, text = '']) => JSON.parse(text) as string);
}

describe('rules for Prometheus', () => {
  const yaml = alertRules(DEFAULT_OBJECTIVES);

  it('name only metrics of the table, with labels that those have', () => {
    const known = allSeries();
    const found = expressions(yaml);
    assert.ok(found.length > 40, String(found.length));
    const labels = new Set(
      Object.values(METRICS).flatMap((row) => Object.keys('attributes' in row ? row.attributes : {})),
    );
    const attributes = new Set([...labels].map((name) => name.replaceAll('.', '_')).concat('le', 'window', 'job'));
    for (const expr of found) {
      const bare = expr.replace(/culvert:slo:\w+/g, '');
      for (const [name] of bare.matchAll(/\b(?:culvert|nodejs|process|v8js|http)_\w+/g)) {
        assert.ok(known.has(name) || attributes.has(name), `${name} in ${expr}`);
      }
      for (const [, label = ''] of bare.matchAll(/[{,](\w+)=/g))
        assert.ok(attributes.has(label), `${label} in ${expr}`);
    }
  });

  it('record each rate that an alert goes by', () => {
    const recorded = new Set(
      [...yaml.matchAll(/record: "(.*)"\n.*\n +labels:\n +slo: "(.*)"\n +source: "(.*)"\n +window: "(.*)"/g)].map(
        ([, name, slo, source, window]) => `${name}{slo="${slo}",source="${source}",window="${window}"}`,
      ),
    );
    assert.equal(recorded.size, 4 * 3 * 5);
    const used = expressions(yaml).flatMap((expr) =>
      [...expr.matchAll(/culvert:slo:\w+\{[^}]*\}/g)].map(([name]) => name),
    );
    assert.ok(used.length > 40);
    for (const name of used) assert.ok(recorded.has(name), name);
  });

  it('ask for the rates of the Site Reliability Workbook in a window of 30 days', () => {
    const alerts = expressions(yaml).filter(
      (expr) => expr.includes('slo="lost_connections"') && expr.includes(' and '),
    );
    assert.deepEqual(
      alerts.map((expr) =>
        [...expr.matchAll(/window="(\w+)"\} > ([\d.]+)/g)].map(([, time, rate]) => `${time} ${rate}`),
      ),
      [
        ['1h 14.4', '5m 14.4', '1h 2'],
        ['6h 6', '30m 6', '6h 2'],
        ['3d 1', '6h 1', '3d 2'],
      ],
    );
    const week = alertRules({ ...DEFAULT_OBJECTIVES, window: '7d' });
    assert.match(week, /window=\\"1h\\"\} > 3\.36 and/);
  });

  it('follow the times that a test asks for', () => {
    const burnAlerts = [{ severity: 'page' as const, longMs: 20_000, shortMs: 5_000, rate: 2 }];
    const short = alertRules(DEFAULT_OBJECTIVES, { burnAlerts, intervalMs: 500, forMs: 1_000, operational: false });
    assert.match(short, /interval: 500ms/);
    assert.match(short, /\[5s\]/);
    assert.doesNotMatch(short, /CulvertNodeDown|\[1h\]/);
    assert.deepEqual(new Set([...short.matchAll(/ for: "(.*)"/g)].map(([, time]) => time)), new Set(['1s']));
  });

  it('take from the API what Prometheus has no class for', () => {
    const odd = alertRules({ ...DEFAULT_OBJECTIVES, setup: { target: 0.9, withinMs: 750 } });
    assert.doesNotMatch(odd, /setup_duration_seconds_bucket/);
    assert.match(odd, /culvert_slo_burn_rate_ratio\{slo=\\"setup\\"/);
    assert.match(yaml, /setup_duration_seconds_bucket\{le=\\"0\.5\\"\}/);
    assert.equal(bucketUpTo(1), '{le=~"1([.]0)?"}');
    assert.deepEqual([500, 1_500, 90_000, 259_200_000].map(promTime), ['500ms', '1500ms', '90s', '3d']);
  });
});
