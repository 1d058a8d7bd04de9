import type { Directory } from '../directory.ts';
import { assertId } from '../keys.ts';
import { parseSamples } from './samples.ts';

/** What a sample has, in the order in which it is kept. */
export const SAMPLED = ['sessions', 'busy', 'connections', 'bytesInPerSecond', 'bytesOutPerSecond'] as const;

export type Sampled = (typeof SAMPLED)[number];

/** null: not known. Whole numbers are kept of them. */
export type SampledValues = Readonly<Record<Sampled, number | null>>;

export type SeriesWindow = '1h' | '24h';

/** Steps and how many of them make the window. */
export const SERIES_WINDOWS: Readonly<Record<SeriesWindow, { readonly stepMs: number; readonly slots: number }>> = {
  '1h': { stepMs: 10_000, slots: 360 },
  '24h': { stepMs: 300_000, slots: 288 },
};

/** Nodes of one sample; what is beyond is in the cluster's sums only. */
const MAX_NODES = 200;

export interface Sample {
  readonly cluster: SampledValues;
  /** By node id. */
  readonly nodes: ReadonlyMap<string, SampledValues>;
}

/** Columns of equal length, one entry a step; null: nobody looked then, or it was not known. */
export interface SeriesRead {
  readonly stepMs: number;
  /** When each step began, ms of Redis's clock, rising. */
  readonly at: readonly number[];
  readonly values: Readonly<Record<Sampled, readonly (number | null)[]>>;
}

/**
 * Samples of the cluster and each of its nodes: every 10 s for an hour, and means of 5 min for a day. Whoever samples first in
 * a step wins, so all who read see the same, however many sample. Methods reject with `registry_unavailable`.
 */
export class SeriesStore {
  readonly #directory: Directory;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** False: this step had its sample already, and nothing was written. */
  async write({ cluster, nodes }: Sample): Promise<boolean> {
    const { scripts, keys } = this.#directory;
    const windows = Object.values(SERIES_WINDOWS);
    const some = [...nodes].toSorted(([a], [b]) => (a < b ? -1 : 1)).slice(0, MAX_NODES);
    for (const [id] of some) assertId('a node id', id);
    const touched = [
      ...windows.map(({ stepMs }) => keys.series.cluster(stepMs)),
      ...some.flatMap(([id]) => windows.map(({ stepMs }) => keys.series.node(stepMs, id))),
    ];
    const samples = [cluster, ...some.map(([, values]) => values)].map((values) =>
      SAMPLED.map((name) => (values[name] === null ? null : Math.round(values[name]))),
    );
    const reply = await scripts.run('series_write', touched, { windows, samples });
    return reply.oneOf('outcome', ['ok', 'had']) === 'ok';
  }

  /** Of one node, or of the cluster: the window that ends with the step that is now. */
  async read(window: SeriesWindow, node?: string): Promise<SeriesRead> {
    const { scripts, keys } = this.#directory;
    if (node !== undefined) assertId('a node id', node);
    const { stepMs, slots } = SERIES_WINDOWS[window];
    const key = node === undefined ? keys.series.cluster(stepMs) : keys.series.node(stepMs, node);
    const reply = await scripts.run('series_read', [key]);
    const samples = parseSamples(reply.texts('samples'), SAMPLED.length);
    const last = Math.floor(reply.integer('nowMs') / stepMs);
    // The step that is now is shown once it has its sample: until then it would look like a gap.
    const end = samples.has(last) ? last : last - 1;
    const steps = Array.from({ length: slots }, (_, i) => end - slots + 1 + i);
    const column = (name: Sampled): (number | null)[] =>
      steps.map((step) => samples.get(step)?.[SAMPLED.indexOf(name)] ?? null);
    const counts = { sessions: column('sessions'), busy: column('busy'), connections: column('connections') };
    const rates = { bytesInPerSecond: column('bytesInPerSecond'), bytesOutPerSecond: column('bytesOutPerSecond') };
    return { stepMs, at: steps.map((step) => step * stepMs), values: { ...counts, ...rates } };
  }
}
