import { levels, levelsWithin } from './axis.ts';
import { type ChartAnnotation, type ChartLimit, type ChartSeries, greatestOf } from './chart-data.ts';
import type { Unit } from './units.ts';

/** What is to be drawn. */
export interface PlotInput {
  readonly at: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly unit: Unit;
  readonly annotations: readonly ChartAnnotation[];
  readonly limits: readonly ChartLimit[];
  readonly window: readonly [number, number] | undefined;
  readonly bounds: readonly [number, number] | undefined;
  readonly height: number;
  /** The annotation that somebody points at. */
  readonly lit: string | null;
}

/** What the time axis shows. A single value, or none, gets a minute of its own. */
export function timesOf({ at, window }: PlotInput, now: number): [number, number] {
  if (window !== undefined) return [window[0], window[1]];
  const last = at.at(-1) ?? now;
  const first = at[0] ?? last;
  return first < last ? [first, last] : [last - 60_000, last];
}

/** Where the lines of the y axis are. */
export function levelsOf({ series, limits, bounds, unit }: PlotInput): readonly number[] {
  return bounds === undefined ? levels(greatestOf(series, limits), unit) : levelsWithin(bounds, unit);
}
