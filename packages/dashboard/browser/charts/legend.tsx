import { annotationsAt, type ChartAnnotation, type ChartLimit, type ChartSeries } from './chart-data.ts';
import { textOf } from './chart-table.tsx';
import { moment } from './moments.ts';
import { lineColour } from './palette.ts';
import type { Unit } from './units.ts';

interface LegendProps {
  readonly at: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly limits: readonly ChartLimit[];
  readonly unit: Unit;
  /** The column under the pointer; null: the last one is told. */
  readonly pointed: number | null;
}

/** Which line is which, with its value where the pointer is. */
export function Legend({ at, series, limits, unit, pointed }: LegendProps) {
  const column = pointed ?? at.length - 1;
  return (
    <div class="chart-legend">
      {series.map(({ label, values }, index) => (
        <span key={label}>
          <span class="chart-mark" style={{ background: `var(${lineColour(index)})` }} aria-hidden="true" />
          {label} <strong>{textOf(values[column], unit)}</strong>
        </span>
      ))}
      {limits.map(({ label, value }) => (
        <span key={label}>
          <span class="chart-mark limit" aria-hidden="true" />
          {label} <strong>{unit.text(value)}</strong>
        </span>
      ))}
    </div>
  );
}

interface PointedProps {
  readonly at: readonly number[];
  /** The column under the pointer; null: it is elsewhere. */
  readonly pointed: number | null;
  readonly annotations: readonly ChartAnnotation[];
}

/** When it was that the pointer is at, and what went on then. */
export function Pointed({ at, pointed, annotations }: PointedProps) {
  const time = pointed === null ? undefined : at[pointed];
  if (time === undefined) return null;
  const words = [moment(time, at), ...annotationsAt(annotations, time).map(({ text }) => text)];
  return <span class="chart-pointed">{words.join(' · ')}</span>;
}
