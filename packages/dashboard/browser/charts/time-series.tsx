import 'uplot/dist/uPlot.min.css';
import './charts.css';
import { useState } from 'preact/hooks';
import { AnnotationList } from './annotation-list.tsx';
import { annotationsIn, type ChartAnnotation, type ChartLimit, type ChartSeries } from './chart-data.ts';
import { ChartTable } from './chart-table.tsx';
import { Legend, Pointed } from './legend.tsx';
import { type PlotInput, timesOf } from './plot-input.ts';
import { summaryOf } from './summary.ts';
import type { Unit } from './units.ts';
import { usePlot } from './use-plot.ts';

export interface TimeSeriesProps {
  /** Names the picture. */
  readonly title: string;
  readonly unit: Unit;
  /** ms since 1970, rising. */
  readonly at: readonly number[];
  /** Up to five; their order gives their colours. */
  readonly series: readonly ChartSeries[];
  /** Shaded, and listed below with links. */
  readonly annotations?: readonly ChartAnnotation[];
  /** false: the page has one list for several charts. */
  readonly listed?: boolean;
  /** The annotation that somebody points at in that list. */
  readonly lit?: string | null;
  readonly limits?: readonly ChartLimit[];
  /** What the time axis shows, ms since 1970; default: what there is. */
  readonly window?: readonly [number, number];
  /** What the y axis shows; default: from 0 to a round number above the greatest value. */
  readonly bounds?: readonly [number, number];
  /** Charts of one group move their pointers together. */
  readonly group?: string;
  /** CSS pixels. */
  readonly height?: number;
}

const NO_ANNOTATIONS: readonly ChartAnnotation[] = [];
const NO_LIMITS: readonly ChartLimit[] = [];

/** Values over time: a picture, its legend with the values under the pointer, and the same as text and as a table. */
export function TimeSeries(props: TimeSeriesProps) {
  const { title, unit, at, series, group, listed = true, limits = NO_LIMITS, height = 180 } = props;
  const [pointed, setPointed] = useState<number | null>(null);
  const [litHere, setLitHere] = useState<string | null>(null);
  const { window, bounds, annotations = NO_ANNOTATIONS } = props;
  const lit = litHere ?? props.lit ?? null;
  const input: PlotInput = { at, series, unit, limits, annotations, window, bounds, height, lit };
  const element = usePlot(input, group, setPointed);
  const shown = annotationsIn(annotations, timesOf(input, Date.now()));
  return (
    <figure class="chart">
      <figcaption>
        <div class="chart-title">
          <strong>{title}</strong>
          <Pointed at={at} pointed={pointed} annotations={shown} />
        </div>
        <Legend at={at} series={series} limits={limits} unit={unit} pointed={pointed} />
      </figcaption>
      <div
        ref={element}
        class="chart-plot"
        style={{ height: `${height}px` }}
        role="img"
        aria-label={summaryOf(title, at, series, unit)}
      />
      {listed ? <AnnotationList annotations={shown} onLit={setLitHere} /> : null}
      <ChartTable title={title} at={at} series={series} unit={unit} />
    </figure>
  );
}
