import { BUCKET_MS, type StormSeries } from './storm-series.ts';

const WIDTH = 960;
const LEFT = 76;
const RIGHT = 24;
const TOP = 58;
const PANEL = 150;
const GAP = 62;
const TICKS = 4;
/** Of a line: more are not seen. */
const POINTS = 250;

interface Panel {
  readonly top: number;
  readonly low: number;
  readonly high: number;
}

/** Claims per bucket above, the workers' load below, over time: an SVG that can be read on a light and on a dark page. */
export function plotStorm({ claims, load }: StormSeries, title: string): string {
  if (claims.length === 0) throw new RangeError('there is nothing to plot');
  const seconds = (claims.length * BUCKET_MS) / 1_000;
  const x = (bucket: number): number => LEFT + (bucket / claims.length) * (WIDTH - LEFT - RIGHT);
  const rate: Panel = { top: TOP, low: 0, high: niceAbove(Math.max(1, ...claims)) };
  const [least, most] = [Math.min(...load.map((l) => l.least)), Math.max(...load.map((l) => l.most))];
  const step = niceAbove(Math.max(1, most - least) / TICKS);
  const low = Math.max(0, Math.floor(least / step) * step);
  const loads: Panel = { top: TOP + PANEL + GAP, low, high: low + step * Math.max(1, Math.ceil((most - low) / step)) };
  const shown = load
    .map((at, i) => ({ ...at, x: x(i + 1) }))
    .filter((_, i) => i % Math.ceil(load.length / POINTS) === 0);
  const edge = (figure: 'least' | 'mean' | 'most'): [number, number][] =>
    shown.map((at) => [at.x, y(loads, at[figure])]);
  const band = [...edge('most'), ...edge('least').reverse()];
  // One outline of all bars: a rectangle for each would be most of the file.
  const bars = claims.map((count, i) => `V${round(y(rate, count))}H${round(x(i + 1))}`);
  const height = loads.top + PANEL + 44;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="t d" font-family="system-ui, -apple-system, 'Segoe UI', sans-serif" font-size="13">`,
    `  <title id="t">${title}</title>`,
    `  <desc id="d">Above: claims in each ${BUCKET_MS} ms, ${Math.max(...claims)} at most. Below: sessions of the workers that live, the least, the mean and the most of them.</desc>`,
    `  <style>${STYLE}</style>`,
    `  <rect class="page" width="${WIDTH}" height="${height}" rx="8"/>`,
    `  <text class="head" x="${LEFT}" y="26">${title}</text>`,
    `  <text class="small" x="${LEFT}" y="${TOP - 10}">claims per ${BUCKET_MS} ms</text>`,
    `  ${axes(rate, seconds)}`,
    `  <path class="bar" d="M${LEFT} ${rate.top + PANEL}${bars.join('')}V${rate.top + PANEL}Z"/>`,
    `  <text class="small" x="${LEFT}" y="${loads.top - 10}">sessions per living worker: <tspan class="most">most</tspan>, <tspan class="mean">mean</tspan>, <tspan class="least">least</tspan></text>`,
    `  ${axes(loads, seconds)}`,
    `  <path class="band" d="${path(band)}Z"/>`,
    ...(['most', 'mean', 'least'] as const).map((name) => `  <path class="line of-${name}" d="${path(edge(name))}"/>`),
    `  <text class="small mid" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${height - 10}">seconds since the workers died</text>`,
    '</svg>',
    '',
  ].join('\n');
}

const STYLE = `
    .page { fill: #fff } text { fill: #1d2b33 } .head { font-size: 15px } .small { font-size: 12.5px; fill: #52606b } .mid { text-anchor: middle } .end { text-anchor: end }
    .grid { stroke: #d8dee4 } .bar { fill: #2f7f9e } .band { fill: #2f7f9e; opacity: .14 } .line { fill: none; stroke-width: 1.8 }
    .of-most { stroke: #b3541e } .of-mean { stroke: #24576e } .of-least { stroke: #4d7c2f } .most { fill: #b3541e } .mean { fill: #24576e } .least { fill: #4d7c2f }
    @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117 } text { fill: #e6edf3 } .small { fill: #9aa7b2 } .grid { stroke: #30363d } .bar { fill: #6cb6d0 } .band { fill: #6cb6d0; opacity: .2 }
      .of-most { stroke: #f0985c } .of-mean { stroke: #6cb6d0 } .of-least { stroke: #9fd07a } .most { fill: #f0985c } .mean { fill: #6cb6d0 } .least { fill: #9fd07a }
    }
  `;

function axes({ top, low, high }: Panel, seconds: number): string {
  const parts: string[] = [];
  for (let i = 0; i <= TICKS; i += 1) {
    const at = top + PANEL - (i / TICKS) * PANEL;
    const value = low + ((high - low) * i) / TICKS;
    parts.push(`<path class="grid" d="M${LEFT} ${round(at)}H${WIDTH - RIGHT}"/>`);
    parts.push(`<text class="small end" x="${LEFT - 8}" y="${round(at + 4)}">${group(Math.round(value))}</text>`);
  }
  const step = niceAbove(seconds / 10);
  for (let second = 0; second <= seconds + 1e-9; second += step) {
    const at = LEFT + (second / seconds) * (WIDTH - LEFT - RIGHT);
    parts.push(`<text class="small mid" x="${round(at)}" y="${top + PANEL + 17}">${round(second)}</text>`);
  }
  return parts.join('');
}

function y({ top, low, high }: Panel, value: number): number {
  return top + PANEL - ((value - low) / (high - low)) * PANEL;
}

function path(points: readonly (readonly [number, number])[]): string {
  return points.map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${round(px)} ${round(py)}`).join('');
}

/** The next of 1, 2, 5, 10, 20 … above. */
export function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((some) => some * power >= value * (1 - 1e-9)) ?? 10;
  return factor * power;
}

function round(value: number): string {
  return String(Number(value.toFixed(1)));
}

function group(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
