import { type Clock, type Logger, pause, systemClock, toCulvertError } from '@culvert/base';
import type { LiveCluster, LiveNode } from '@culvert/contracts';
import { type Registry, type Sample, type SampledValues, SERIES_WINDOWS } from '@culvert/registry';
import { type ByteMarks, type ByteRate, nextMarks } from './byte-rates.ts';
import type { LiveSource } from './live-source.ts';

/** After the beginning of a step, so that several APIs do not all come at once. ms. */
const SPREAD_MS = 2_000;
/** Whose series are kept: those that carry connections. */
const SAMPLED_ROLES: ReadonlySet<LiveNode['role']> = new Set(['worker', 'gateway']);

export interface SamplerOptions {
  readonly registry: Registry;
  readonly source: Pick<LiveSource, 'picture'>;
  readonly logger: Logger;
  readonly clock?: Clock;
}

/** Samples the cluster once in each step of the series, whether somebody watches or not. Each API has one; one of them wins. */
export class Sampler {
  readonly #options: SamplerOptions;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #marks: ByteMarks = new Map();
  #trouble: string | undefined;

  constructor(options: SamplerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** True: this sample is the step's. While the registry is away nothing is read or written. Never rejects. */
  async sample(): Promise<boolean> {
    const { registry, source, logger } = this.#options;
    if (!registry.available) return false;
    try {
      const { cluster, nodes } = await source.picture();
      if (!cluster.registry.available) return false;
      this.#marks = nextMarks(this.#marks, nodes);
      const won = await registry.series.write(sampleOf(cluster, this.#marks));
      this.#trouble = undefined;
      return won;
    } catch (thrown) {
      const { code, message } = toCulvertError(thrown);
      const known = code === 'registry_unavailable' || this.#trouble === message;
      logger[known ? 'debug' : 'warn']({ event: 'series.sample_failed', err: thrown }, 'a sample could not be kept');
      this.#trouble = message;
      return false;
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { stepMs } = SERIES_WINDOWS['1h'];
    while (!signal.aborted) {
      const nowMs = this.#options.registry.redisNow() ?? this.#clock.now();
      await pause(this.#clock, stepMs - (nowMs % stepMs) + Math.random() * SPREAD_MS, signal);
      if (!signal.aborted) await this.sample();
    }
  }
}

/** Rates are those since the sampler's own last look: means of the step, where a watched picture has those of two beats. */
function sampleOf({ nodes, totals }: LiveCluster, marks: ByteMarks): Sample {
  const sampled = nodes.filter(({ role, state }) => SAMPLED_ROLES.has(role) && state !== 'dead');
  const rates = sampled.filter(({ role }) => role === 'worker').flatMap(({ id }) => marks.get(id)?.rate ?? []);
  const sum = (of: keyof ByteRate): number | null =>
    rates.length === 0 ? null : rates.reduce((all, rate) => all + rate[of], 0);
  const { sessions, busy, connections } = totals;
  return {
    cluster: { sessions, busy, connections, bytesInPerSecond: sum('bytesIn'), bytesOutPerSecond: sum('bytesOut') },
    nodes: new Map(sampled.map((node) => [node.id, valuesOf(node, marks.get(node.id)?.rate ?? null)])),
  };
}

function valuesOf({ sessions, busy, connections }: LiveNode, rate: ByteRate | null): SampledValues {
  const bytes = { bytesInPerSecond: rate?.bytesIn ?? null, bytesOutPerSecond: rate?.bytesOut ?? null };
  return { sessions, busy, connections, ...bytes };
}
