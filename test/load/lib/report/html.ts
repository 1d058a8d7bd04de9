import { formatDuration } from '../duration.ts';
import type { LoadResult } from '../result.ts';
import { formatValue } from './numbers.ts';
import { escapeXml, plotRun } from './plot.ts';
import { abortText, kindText, thresholdLine } from './summary.ts';

/** The whole report of a run as one page that needs nothing else. */
export function reportHtml(result: LoadResult): string {
  const { name, startedAt, durationMs, exitCode, seed, aborted, errors } = result;
  const verdict = exitCode === 0 ? 'passed' : `failed (exit code ${exitCode})`;
  const title = escapeXml(`Load test ${name}: ${verdict}`);
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${title}</title><style>${STYLE}</style></head><body>`,
    `<h1>${title}</h1>`,
    `<p>${escapeXml(startedAt)}, ${formatDuration(durationMs)}, seed ${seed}</p>`,
    aborted === null ? '' : `<p class="bad">${escapeXml(abortText(aborted))}</p>`,
    ...errors.map((error) => `<p class="bad">${escapeXml(error)}</p>`),
    result.series.length > 0 ? plotRun(result) : '<p>The run was too short for a plot.</p>',
    section('Thresholds', ['metric', 'threshold'], thresholdRows(result)),
    section('Connections, as their clients saw them', ['kind', 'what became of them'], connectionRows(result)),
    section('Checks', ['check', 'passed', 'failed'], checkRows(result)),
    section('Metrics', ['metric', 'values'], metricRows(result)),
    section(
      'What happened meanwhile',
      ['at', 'what'],
      result.marks.map(({ atMs, text }) => [formatDuration(atMs), text]),
    ),
    '</body></html>',
    '',
  ].join('\n');
}

function thresholdRows({ thresholds }: LoadResult): string[][] {
  return thresholds.map((threshold) => [threshold.metric, thresholdLine(threshold)]);
}

function checkRows({ checks }: LoadResult): string[][] {
  return checks.map(({ group, name, passes, fails }) => [`${group} ${name}`.trim(), String(passes), String(fails)]);
}

function connectionRows({ counts: { connections, agents, wrongBytes } }: LoadResult): string[][] {
  const kinds = Object.entries(connections).map(([kind, counts]) => [kind, kindText(counts)]);
  const { sessions, reconnects, resumed, gaps, accepted } = agents;
  const stood = resumed === 0 ? '' : `; gap p99 ${formatDuration(gaps.p99)}, at most ${formatDuration(gaps.max)}`;
  return [
    ...kinds,
    ['wrong bytes', String(wrongBytes)],
    ['agents', `${sessions} sessions, ${reconnects} new links, ${resumed} connections resumed${stood}`],
    ['private app', `${accepted} connections accepted`],
  ];
}

function metricRows({ metrics }: LoadResult): string[][] {
  return metrics.map(({ name, contents, values, kind }) => {
    const words = Object.entries(values).map(([aggregation, value]) => {
      const plain =
        aggregation === 'passes' || aggregation === 'fails' || (kind === 'trend' && aggregation === 'count');
      return `${aggregation} ${formatValue(value, plain ? 'default' : contents)}`;
    });
    return [name, words.join(', ')];
  });
}

function section(title: string, heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const cells = (tag: string, texts: readonly string[]): string =>
    texts.map((text) => `<${tag}>${escapeXml(text)}</${tag}>`).join('');
  const body = rows.map(
    (row) => `<tr class="${row.some((text) => text.startsWith('✗')) ? 'bad' : ''}">${cells('td', row)}</tr>`,
  );
  return `<h2>${escapeXml(title)}</h2><table><tr>${cells('th', heads)}</tr>${body.join('')}</table>`;
}

const STYLE = `
  :root { color-scheme: light dark } body { font: 15px/1.45 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem }
  table { border-collapse: collapse; width: 100% } th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid #8884 }
  td:first-child { white-space: nowrap; font-family: ui-monospace, monospace; font-size: .9em } .bad { color: #c0392b } svg { width: 100%; height: auto }
`;
