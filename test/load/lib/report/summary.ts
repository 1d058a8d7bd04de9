import { formatDuration } from '../duration.ts';
import type { ClientCounts, KindCounts } from '../ledger.ts';
import type { Abort, LoadResult, MetricResult } from '../result.ts';
import type { ThresholdResult } from '../thresholds.ts';
import { formatShare, formatValue } from './numbers.ts';

const NAME_WIDTH = 34;
/** Beyond this the load generator itself is what is measured. */
const MAX_GENERATOR_DELAY_MS = 100;

/** The end of a run as k6 tells it, and what became of each kind of connection. */
export function summaryText(result: LoadResult): string {
  const sections = [thresholdsText(result.thresholds), totals(result), connectionsText(result.counts), notes(result)];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function thresholdsText(thresholds: readonly ThresholdResult[]): string {
  if (thresholds.length === 0) return '';
  const groups = Map.groupBy(thresholds, ({ metric }) => metric);
  const lines = [...groups].flatMap(([metric, list]) => [
    '',
    `    ${metric}`,
    ...list.map((one) => `    ${thresholdLine(one)}`),
  ]);
  return ['  █ THRESHOLDS', ...lines].join('\n');
}

export function thresholdLine({ expression, aggregation, value, ok }: ThresholdResult): string {
  const came = value === undefined ? 'no samples' : `${aggregation}=${Number(value.toFixed(4))}`;
  return `${mark(ok)} '${expression}' ${came}`;
}

function totals({ checks, metrics, durationMs }: LoadResult): string {
  const lines = ['  █ TOTAL RESULTS', ''];
  const passes = checks.reduce((sum, one) => sum + one.passes, 0);
  const all = checks.reduce((sum, one) => sum + one.passes + one.fails, 0);
  if (all > 0) {
    lines.push(row('checks_total', `${all}  ${perSecond(all, durationMs)}`));
    lines.push(row('checks_succeeded', `${formatShare(passes / all)} ${passes} out of ${all}`));
    lines.push(row('checks_failed', `${formatShare((all - passes) / all)} ${all - passes} out of ${all}`), '');
    for (const { name, passes: good, fails } of checks) {
      lines.push(`    ${mark(fails === 0)} ${name}`);
      if (fails > 0) lines.push(`      ↳  ${formatShare(good / (good + fails))} — ✓ ${good} / ✗ ${fails}`);
    }
    lines.push('');
  }
  for (const metric of metrics) if (metric.name !== 'checks') lines.push(metricRow(metric));
  return lines.join('\n');
}

function metricRow({ name, kind, contents, values }: MetricResult): string {
  const of = (aggregation: string): string => formatValue(values[aggregation] ?? 0, contents);
  if (kind === 'counter') return row(name, `${of('count')}  ${formatValue(values.rate ?? 0, contents)}/s`);
  if (kind === 'gauge') return row(name, `${of('value')}  min=${of('min')} max=${of('max')}`);
  if (kind === 'rate') {
    const { rate = 0, passes = 0, fails = 0 } = values;
    return row(name, `${formatShare(rate)} ${passes} out of ${passes + fails}`);
  }
  const shown = ['avg', 'min', 'med', 'max', 'p(90)', 'p(95)', 'p(99)'];
  return row(name, shown.map((aggregation) => `${aggregation}=${of(aggregation)}`).join(' '));
}

function connectionsText({ connections, wrongBytes, agents }: ClientCounts): string {
  const lines = ['  █ CONNECTIONS, as their clients saw them', ''];
  for (const [kind, counts] of Object.entries(connections)) {
    if (counts.attempted > 0) lines.push(row(kind, kindText(counts)));
  }
  lines.push(row('wrong bytes', String(wrongBytes)));
  const { sessions, reconnects, resumed, gaps, accepted } = agents;
  const stood =
    resumed === 0
      ? ''
      : `, gap p50=${formatDuration(gaps.p50)} p99=${formatDuration(gaps.p99)} max=${formatDuration(gaps.max)}`;
  lines.push(row('agents', `${sessions} sessions, ${reconnects} new links, ${resumed} connections resumed${stood}`));
  lines.push(row('private app', `${accepted} connections accepted`));
  return lines.join('\n');
}

export function kindText({ attempted, opened, finished, interrupted, failed, unanswered, lost }: KindCounts): string {
  const reasons = (what: string, counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([reason, count]) => `, ${what} ${count} ${reason}`)
      .join('');
  const ends = `${finished} finished${interrupted > 0 ? `, ${interrupted} interrupted` : ''}`;
  const bad = reasons('failed', failed) + reasons('unanswered', unanswered) + reasons('lost', lost);
  return `${opened} opened of ${attempted}, ${ends}${bad}`;
}

function notes({ aborted, errors, metrics }: LoadResult): string {
  const lines: string[] = aborted === null ? [] : [`  ! ${abortText(aborted)}`];
  for (const error of errors) lines.push(`  ! ${error}`);
  const delay = metrics.find(({ name }) => name === 'generator_delay')?.values['p(99)'] ?? 0;
  if (delay > MAX_GENERATOR_DELAY_MS) {
    lines.push(`  ! the load generator itself was held up (p99 ${formatDuration(delay)}): latencies contain that`);
  }
  return lines.join('\n');
}

export function abortText(aborted: Abort): string {
  const at = formatDuration(aborted.atMs);
  if (aborted.why === 'signal') return `ended by a signal after ${at}`;
  const { threshold, perSecond: rate, vus } = aborted;
  const load = `${Number(rate.toFixed(1))} iterations/s, ${vus} VUs`;
  return `broke after ${at}, at ${load}: ${threshold.metric} ${thresholdLine(threshold)}`;
}

function mark(ok: boolean): string {
  return ok ? '✓' : '✗';
}

function row(name: string, text: string): string {
  return `    ${name.padEnd(NAME_WIDTH, '.')}: ${text}`;
}

function perSecond(count: number, durationMs: number): string {
  return `${Number(((count * 1_000) / Math.max(1, durationMs)).toFixed(2))}/s`;
}
