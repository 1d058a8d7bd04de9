/** One line of a chart; null: nobody looked at that time, so there is a gap. */
export interface ChartSeries {
  readonly label: string;
  readonly values: readonly (number | null)[];
}

/** Something that went on while the values were taken, such as a deployment: drawn as a shaded span, and listed. */
export interface ChartAnnotation {
  readonly key: string;
  /** ms since 1970. */
  readonly from: number;
  /** null: it still goes on. */
  readonly to: number | null;
  /** What it was, in a few words. */
  readonly text: string;
  /** The page that tells more. */
  readonly href: string;
}

/** A level to compare with, such as an objective. */
export interface ChartLimit {
  readonly label: string;
  readonly value: number;
}

type Values = (number | null)[];

/** The columns as uPlot takes them: times first, each of the length of the times. */
export function columnsOf(at: readonly number[], series: readonly ChartSeries[]): [number[], ...Values[]] {
  return [[...at], ...series.map(({ values }) => at.map((_, index) => finite(values[index])))];
}

function finite(value: number | null | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** Values between two gaps: a line has no length there, so they are drawn as points. */
export function aloneIn(values: readonly (number | null | undefined)[]): number[] {
  const isGap = (index: number): boolean => finite(values[index]) === null;
  return [...values.keys()].filter((index) => !isGap(index) && isGap(index - 1) && isGap(index + 1));
}

/** The greatest of all values and limits; 0: there is none. */
export function greatestOf(series: readonly ChartSeries[], limits: readonly ChartLimit[] = []): number {
  let greatest = 0;
  for (const { value } of limits) greatest = Math.max(greatest, value);
  for (const { values } of series) for (const value of values) greatest = Math.max(greatest, finite(value) ?? 0);
  return greatest;
}

/** The annotations that reach into the window, the newest first. */
export function annotationsIn(
  annotations: readonly ChartAnnotation[],
  [from, to]: readonly [number, number],
): readonly ChartAnnotation[] {
  return annotations
    .filter((each) => each.from <= to && (each.to ?? Number.POSITIVE_INFINITY) >= from)
    .sort((a, b) => b.from - a.from || (a.key < b.key ? -1 : 1));
}

/** What went on at that time. */
export function annotationsAt(annotations: readonly ChartAnnotation[], at: number): readonly ChartAnnotation[] {
  return annotations.filter((each) => each.from <= at && at <= (each.to ?? Number.POSITIVE_INFINITY));
}
