import uPlot from 'uplot';
import { timeLabel } from './axis.ts';
import { aloneIn, columnsOf } from './chart-data.ts';
import { drawAnnotations, drawLimits } from './draw-annotations.ts';
import { type Palette, readPalette } from './palette.ts';
import { levelsOf, type PlotInput, timesOf } from './plot-input.ts';

const FONT = '12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif';
const AREA_ALPHA = 0.1;

/** Room for the widest label of the y axis, and beside it, CSS pixels. */
const LABEL_GAP = 14;
const NARROWEST_AXIS = 36;

/** One picture in an element: uPlot with what is drawn, which may change, and its colours, which change with the theme. */
export class Plot {
  readonly #plot: uPlot;
  readonly #element: HTMLElement;
  readonly #resizes: ResizeObserver;
  #input: PlotInput;
  #palette: Palette;

  /** `onPointer`: the column under the pointer, or null. */
  constructor(
    element: HTMLElement,
    input: PlotInput,
    group: string | undefined,
    onPointer: (at: number | null) => void,
  ) {
    this.#element = element;
    this.#input = input;
    this.#palette = readPalette(element);
    this.#plot = new uPlot(this.#options(group, onPointer), columns(input), element);
    this.#resizes = new ResizeObserver(() => this.#fit());
    this.#resizes.observe(element);
  }

  /** As many series as before. */
  update(input: PlotInput): void {
    this.#input = input;
    this.#plot.setData(columns(input));
  }

  /** The theme has changed. */
  recolour(): void {
    this.#palette = readPalette(this.#element);
    this.#plot.redraw(false, true);
  }

  destroy(): void {
    this.#resizes.disconnect();
    this.#plot.destroy();
  }

  #fit(): void {
    const width = this.#element.clientWidth;
    if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: this.#input.height });
  }

  #options(group: string | undefined, onPointer: (at: number | null) => void): uPlot.Options {
    return {
      width: Math.max(1, this.#element.clientWidth),
      height: this.#input.height,
      ms: 1,
      legend: { show: false },
      padding: [8, 24, 0, 0],
      cursor: {
        y: false,
        drag: { x: false, y: false },
        ...(group === undefined ? {} : { sync: { key: group } }),
      },
      scales: {
        x: { time: true, range: () => timesOf(this.#input, Date.now()) },
        y: { range: () => ends(levelsOf(this.#input)) },
      },
      axes: [this.#timeAxis(), this.#valueAxis()],
      series: [{}, ...this.#input.series.map((_, index) => this.#line(index))],
      hooks: {
        drawClear: [(plot) => drawAnnotations(plot, this.#input, this.#palette)],
        draw: [(plot) => drawLimits(plot, this.#input, this.#palette)],
        setCursor: [({ cursor }) => onPointer(cursor.idx ?? null)],
      },
    };
  }

  #line(index: number): uPlot.Series {
    const colour = (): string => this.#palette.lines[index % this.#palette.lines.length] ?? this.#palette.text;
    return {
      width: 1.75,
      stroke: colour,
      points: {
        show: false,
        size: 4,
        fill: colour,
        filter: (_plot, line) => points(aloneIn(this.#input.series[line - 1]?.values ?? [])),
      },
      // One area is a help, several hide one another.
      ...(index === 0 ? { fill: () => withAlpha(colour(), AREA_ALPHA) } : {}),
    };
  }

  #timeAxis(): uPlot.Axis {
    return {
      font: FONT,
      size: 28,
      space: 64,
      stroke: () => this.#palette.text,
      grid: { show: false },
      ticks: { size: 4, width: 1, stroke: () => this.#palette.grid },
      values: (_plot, splits, _axis, _space, step) => splits.map((at) => timeLabel(at, step)),
    };
  }

  #valueAxis(): uPlot.Axis {
    return {
      font: FONT,
      size: (plot, labels) => axisWidth(plot, labels),
      stroke: () => this.#palette.text,
      grid: { width: 1, stroke: () => this.#palette.grid },
      ticks: { show: false },
      splits: () => [...levelsOf(this.#input)],
      values: (_plot, splits) => splits.map((value) => this.#input.unit.short(value)),
    };
  }
}

function columns(input: PlotInput): uPlot.AlignedData {
  return columnsOf(input.at, input.series);
}

/** null: uPlot draws none. */
function points(columns: number[]): number[] | null {
  return columns.length === 0 ? null : columns;
}

function ends(levels: readonly number[]): [number, number] {
  return [levels[0] ?? 0, levels.at(-1) ?? 1];
}

/** uPlot asks first without labels, then with them. */
function axisWidth({ ctx }: uPlot, labels: readonly string[] | null): number {
  ctx.save();
  ctx.font = FONT;
  const widest = Math.max(0, ...(labels ?? []).map((label) => ctx.measureText(label).width));
  ctx.restore();
  return Math.max(NARROWEST_AXIS, Math.ceil(widest) + LABEL_GAP);
}

/** `rgb(1, 2, 3)`, as computed styles have it, made transparent. */
function withAlpha(colour: string, alpha: number): string {
  return `color-mix(in srgb, ${colour} ${alpha * 100}%, transparent)`;
}
