import type { ChartSeries } from './chart-data.ts';
import { moment } from './moments.ts';
import type { Unit } from './units.ts';

/** For those who do not see the picture: `Throughput, 14:00:00 to 15:00:00. in: last 1.2 MB/s, from 0 B/s to 3 MB/s. …` */
export function summaryOf(title: string, at: readonly number[], series: readonly ChartSeries[], unit: Unit): string {
  const first = at[0];
  const last = at.at(-1);
  if (first === undefined || last === undefined) return `${title}: nothing was measured yet.`;
  const told = series.map((each) => `${each.label}: ${story(each.values, unit)}.`);
  return [`${title}, ${moment(first, at)} to ${moment(last, at)}.`, ...told].join(' ');
}

function story(values: readonly (number | null)[], unit: Unit): string {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let last: number | null = null;
  for (const value of values) {
    if (value === null) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    last = value;
  }
  if (last === null) return 'not measured';
  const now = values.at(-1) === null ? 'last measured' : 'last';
  return min === max
    ? `${now} ${unit.text(last)}, all the time`
    : `${now} ${unit.text(last)}, from ${unit.text(min)} to ${unit.text(max)}`;
}

/** Rows of the table that stands for the picture, at most. */
const ROWS = 60;

export interface ChartRow {
  readonly at: number;
  readonly values: readonly (number | null)[];
}

/** The newest first; of a long series every second, third … row, and always the last one. */
export function rowsOf(at: readonly number[], series: readonly ChartSeries[]): readonly ChartRow[] {
  const every = Math.max(1, Math.ceil(at.length / ROWS));
  const rows: ChartRow[] = [];
  for (let index = at.length - 1; index >= 0; index -= every) {
    const time = at[index];
    if (time !== undefined) rows.push({ at: time, values: series.map(({ values }) => values[index] ?? null) });
  }
  return rows;
}
