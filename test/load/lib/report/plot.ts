import type { LoadResult } from '../result.ts';
import { axes, type Frame, line, niceAbove, round } from './plot-frame.ts';

const WIDTH = 960;
const LEFT = 70;
const RIGHT = 24;
const TOP = 62;
const HEIGHT = 120;
const GAP = 58;
/** Labels of marks that would lie on one another are left out; their lines stay. */
const LABEL_PX = 90;

interface Panel {
  readonly title: string;
  readonly lines: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}

/** Load, rate, latency and failures over time, one above the other: an SVG for light and dark pages. */
export function plotRun(result: LoadResult): string {
  const { series, bucketMs } = result;
  if (series.length === 0) throw new RangeError('there is nothing to plot');
  const seconds = (series.length * bucketMs) / 1_000;
  const panels = panelsOf(result);
  const height = TOP + panels.length * (HEIGHT + GAP);
  const frames = panels.map((panel, i): Frame => {
    const most = Math.max(0, ...panel.lines.flatMap(({ values }) => values.filter((value) => value !== null)));
    const high = niceAbove(most === 0 ? 1 : most);
    return { left: LEFT, right: WIDTH - RIGHT, top: TOP + i * (HEIGHT + GAP), height: HEIGHT, high, seconds };
  });
  const title = `${result.name}: ${Math.round(result.durationMs / 1_000)} s`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="t d" font-family="system-ui, -apple-system, 'Segoe UI', sans-serif" font-size="13">`,
    `  <title id="t">${escapeXml(title)}</title>`,
    `  <desc id="d">${panels.map(({ title: name }) => name).join('; ')}, over time.</desc>`,
    `  <style>${STYLE}</style>`,
    `  <rect class="page" width="${WIDTH}" height="${height}" rx="8"/>`,
    `  <text class="head" x="${LEFT}" y="24">${escapeXml(title)}</text>`,
    ...panels.map((panel, i) => panelSvg(panel, frames[i] as Frame, bucketMs)),
    marksSvg(result, seconds, height),
    '</svg>',
    '',
  ].join('\n');
}

function panelsOf({ series, bucketMs }: LoadResult): Panel[] {
  const perSecond = (count: number): number => (count * 1_000) / bucketMs;
  const panels: Panel[] = [
    { title: 'VUs at work', lines: [{ name: 'vus', values: series.map(({ vus }) => vus) }] },
    {
      title: 'per second',
      lines: [
        { name: 'requests', values: series.map(({ requests }) => perSecond(requests)) },
        { name: 'iterations', values: series.map(({ iterations }) => perSecond(iterations)) },
      ],
    },
    {
      title: 'requests, ms',
      lines: (['p99', 'p95', 'p50'] as const).map((name) => ({
        name,
        values: series.map(({ requestMs }) => requestMs?.[name] ?? null),
      })),
    },
  ];
  if (series.some(({ exchangeMs }) => exchangeMs !== null)) {
    const values = (name: 'p99' | 'p50') => series.map(({ exchangeMs }) => exchangeMs?.[name] ?? null);
    panels.push({
      title: 'exchanges in tunnels and WebSockets, ms',
      lines: [
        { name: 'p99', values: values('p99') },
        { name: 'p50', values: values('p50') },
      ],
    });
  }
  panels.push({
    title: 'per second',
    lines: [
      { name: 'failed', values: series.map(({ failed }) => perSecond(failed)) },
      { name: 'lost', values: series.map(({ lost }) => perSecond(lost)) },
      { name: 'dropped', values: series.map(({ dropped }) => perSecond(dropped)) },
    ],
  });
  return panels;
}

function panelSvg({ title, lines }: Panel, frame: Frame, bucketMs: number): string {
  const names = lines.map(({ name }, i) => `<tspan class="c${i}"> ${name}</tspan>`).join(',');
  const paths = lines.map(({ values }, i) => `<path class="line s${i}" d="${line(frame, values, bucketMs)}"/>`);
  return `  <text class="small" x="${LEFT}" y="${frame.top - 9}">${escapeXml(title)}:${names}</text>${axes(frame)}${paths.join('')}`;
}

function marksSvg({ marks }: LoadResult, seconds: number, height: number): string {
  let labelledTo = Number.NEGATIVE_INFINITY;
  const parts = marks.map(({ atMs, text }) => {
    const x = LEFT + Math.min(1, atMs / 1_000 / seconds) * (WIDTH - LEFT - RIGHT);
    const shown = x >= labelledTo;
    if (shown) labelledTo = x + Math.max(LABEL_PX, text.length * 6);
    const label = shown ? `<text class="note" x="${round(x + 3)}" y="40">${escapeXml(text)}</text>` : '';
    return `<path class="mark" d="M${round(x)} 44V${height - GAP + 4}"><title>${escapeXml(text)}</title></path>${label}`;
  });
  return `  ${parts.join('')}`;
}

export function escapeXml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

const STYLE = `
    .page { fill: #fff } text { fill: #1d2b33 } .head { font-size: 15px } .small { font-size: 12.5px; fill: #52606b } .note { font-size: 11px; fill: #7a4a86 } .mid { text-anchor: middle } .end { text-anchor: end }
    .grid { stroke: #d8dee4 } .line { fill: none; stroke-width: 1.6 } .mark { stroke: #7a4a86; stroke-dasharray: 3 3 }
    .s0 { stroke: #24576e } .s1 { stroke: #b3541e } .s2 { stroke: #4d7c2f } .c0 { fill: #24576e } .c1 { fill: #b3541e } .c2 { fill: #4d7c2f }
    @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117 } text { fill: #e6edf3 } .small { fill: #9aa7b2 } .grid { stroke: #30363d } .note { fill: #d2a8e0 } .mark { stroke: #d2a8e0 }
      .s0 { stroke: #6cb6d0 } .s1 { stroke: #f0985c } .s2 { stroke: #9fd07a } .c0 { fill: #6cb6d0 } .c1 { fill: #f0985c } .c2 { fill: #9fd07a }
    }
  `;
