import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ledger } from '../ledger.ts';
import { EXIT, type LoadResult } from '../result.ts';
import { Series } from '../series.ts';
import { reportHtml } from './html.ts';
import { formatBytes, formatShare } from './numbers.ts';
import { plotRun } from './plot.ts';
import { summaryText } from './summary.ts';

function result(): LoadResult {
  const ledger = new Ledger();
  for (let i = 0; i < 3; i += 1) {
    ledger.attempted('connect');
    ledger.opened('connect');
  }
  ledger.lost('connect', 'ECONNRESET');
  ledger.attempted('connect');
  ledger.failed('connect', 'session_offline');
  const series = new Series(3_000, () => 5);
  series.add('http_req_duration', 20);
  series.add('http_req_failed', 1);
  series.tick(3_000);
  return {
    ...{ name: 'a<b>', exitCode: EXIT.thresholds, startedAt: '2026-01-01T00:00:00.000Z', durationMs: 3_000, seed: 1 },
    counts: {
      connections: ledger.connections(),
      wrongBytes: 0,
      agents: { sessions: 2, reconnects: 1, resumed: 4, gaps: { count: 4, p50: 10, p99: 200, max: 250 }, accepted: 3 },
    },
    thresholds: [{ metric: 'connections_lost', expression: 'count==0', aggregation: 'count', value: 1, ok: false }],
    checks: [{ name: 'held', group: '', passes: 2, fails: 1 }],
    metrics: [
      {
        name: 'http_req_duration',
        kind: 'trend',
        contents: 'time',
        values: { avg: 1, min: 0.5, med: 1, max: 2, 'p(90)': 2, 'p(95)': 2, 'p(99)': 2, count: 3 },
      },
    ],
    aborted: null,
    errors: ['it broke'],
    ...{ bucketMs: series.bucketMs, series: series.points },
    marks: [{ atMs: 1_000, text: 'deployment "2" & more' }],
  };
}

describe('the summary', () => {
  it('says which thresholds and checks failed, and what became of the connections', () => {
    const text = summaryText(result());
    assert.match(text, /✗ 'count==0' count=1\n/);
    assert.match(text, /✗ held\n\s+↳ {2}66\.66% — ✓ 2 \/ ✗ 1\n/);
    assert.match(text, /connect\.+: 3 opened of 4, 0 finished, failed 1 session_offline, lost 1 ECONNRESET\n/);
    assert.match(text, /2 sessions, 1 new links, 4 connections resumed, gap p50=10ms p99=200ms max=250ms/);
    assert.match(text, /http_req_duration\.+: avg=1ms min=500µs med=1ms max=2ms p\(90\)=2ms/);
    assert.match(text, /! it broke/);
  });

  it('never rounds a failure away', () => {
    assert.deepEqual([0, 1, 0.999999, 0.000001].map(formatShare), ['0.00%', '100.00%', '99.99%', '<0.01%']);
    assert.deepEqual([0, 999, 1_500, 2e9].map(formatBytes), ['0 B', '999 B', '1.5 kB', '2 GB']);
  });
});

describe('the report', () => {
  it('is one page with the plot in it, and nothing from elsewhere', () => {
    const html = reportHtml(result());
    assert.match(html, /Load test a&lt;b&gt;: failed \(exit code 99\)/);
    assert.match(html, /<svg .*class="mark".*deployment &quot;2&quot; &amp; more.*<\/svg>/s);
    assert.doesNotMatch(html.replaceAll('http://www.w3.org/2000/svg', ''), /(?:src|href|url)\s*[=(]|https?:/);
  });

  it('has a plot without figures that are none', () => {
    const svg = plotRun(result());
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
    assert.throws(() => plotRun({ ...result(), series: [] }), RangeError);
    assert.match(reportHtml({ ...result(), series: [] }), /too short for a plot/);
  });
});

describe('the series of a run', () => {
  it('has no more points than a plot shows, however long the run is', () => {
    const series = new Series(7_200_000, () => 1);
    assert.equal(series.bucketMs, 8_000);
    series.tick(7_200_000);
    assert.equal(series.points.length, 900);
    series.tick(1e12);
    assert.equal(series.points.length, 1_800);
  });

  it('counts each sample in the stretch in which it came', () => {
    const series = new Series(3_000, () => 2);
    series.add('http_reqs', 1);
    series.tick(1_000);
    series.add('http_reqs', 1);
    series.add('http_reqs', 1);
    series.add('http_req_duration', 10);
    series.tick(2_500, true);
    assert.deepEqual(
      series.points.map(({ requests, requestMs }) => [requests, requestMs?.p99 ?? null]),
      [
        ...[
          [1, null],
          [2, 10],
          [0, null],
        ],
      ],
    );
  });
});
