import type { LiveCluster, Series, SeriesName } from '@culvert/contracts';

export const SERIES_NAMES: readonly SeriesName[] = [
  'sessions',
  'busy',
  'connections',
  'bytesInPerSecond',
  'bytesOutPerSecond',
];

export const WINDOW_MS: Readonly<Record<Series['window'], number>> = { '1h': 3_600_000, '24h': 86_400_000 };

export type Sample = Readonly<Record<SeriesName, number | null>>;

/** What a live look tells of the cluster, or of one node; undefined: nothing, for that node, or the registry, is away. */
export function sampleOf(cluster: LiveCluster, node: string | null): Sample | undefined {
  if (!cluster.registry.available) return undefined;
  return node === null ? cluster.totals : cluster.nodes.find(({ id }) => id === node);
}

/**
 * The series with a live look at its end: the last column is that look while its time lasts, then a new one begins. What has
 * left the window is dropped, so that a page that is open for days holds no more than one that was just opened. The same
 * look twice changes nothing.
 */
export function extendSeries(series: Series, at: number, sample: Sample): Series {
  const column = Math.floor(at / series.stepMs) * series.stepMs;
  const last = series.at.at(-1);
  if (last !== undefined && column < last) return series;
  const kept = column === last ? series.at.length - 1 : series.at.length;
  const gone = series.at.findIndex((time) => time > column - WINDOW_MS[series.window]);
  const from = gone === -1 ? kept : gone;
  const extended = (values: readonly (number | null)[] | undefined, value: number | null): (number | null)[] => [
    ...(values ?? series.at.map(() => null)).slice(from, kept),
    value,
  ];
  return {
    ...series,
    at: [...series.at.slice(from, kept), column],
    values: Object.fromEntries(
      SERIES_NAMES.map((name) => [name, extended(series.values[name], sample[name])]),
    ) as Series['values'], // of each name
  };
}

/** Were looks missed (the machine slept, the API was away), so that the API knows more than the page? */
export function hasFallenBehind(series: Series, at: number): boolean {
  const last = series.at.at(-1);
  return last !== undefined && at - last > 3 * series.stepMs;
}
