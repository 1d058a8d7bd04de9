import { type Objectives, SLO_NAMES, type SloCurves, type SloName, type SloSeries } from '@culvert/contracts';
import type { Registry } from '@culvert/registry';
import { attainment, shareOf } from '@culvert/service';
import { addCounts, noCounts, SLI_SPANS, type SliCounts, type SliSource, type SliSpan } from '@culvert/telemetry';
import { Remembered } from './remembered.ts';

type Window = SloSeries['window'];

interface Steps {
  /** What is read: spans that are still kept for so long. */
  readonly span: SliSpan;
  /** Spans that make one step. */
  readonly each: number;
  readonly count: number;
}

/** 60, 1,440 and 720 spans: more points than a chart can show are added up here. */
const STEPS: Readonly<Record<Window, Steps>> = {
  '1h': { span: 'minute', each: 1, count: 60 },
  '24h': { span: 'minute', each: 15, count: 96 },
  '30d': { span: 'hour', each: 6, count: 120 },
};

/** Counts are told every few seconds; asking Redis more often tells nothing new. A day's minutes are some 15 scripts. */
const FRESH_MS: Readonly<Record<Window, number>> = { '1h': 3_000, '24h': 10_000, '30d': 10_000 };
const KEPT = 200;

interface Step {
  readonly startMs: number;
  readonly counts: Readonly<Record<SliSource, SliCounts>>;
}

export interface SloSeriesReaderOptions {
  readonly registry: { readonly sli: Pick<Registry['sli'], 'series'> };
  readonly objectives: Objectives;
  /** ms since the Unix epoch. */
  readonly now: () => number;
}

/** Reads the curves of availability and reliability, and keeps them for a moment. */
export class SloSeriesReader {
  readonly #options: SloSeriesReaderOptions;
  readonly #known: Readonly<Record<Window, Remembered<SloSeries>>>;

  constructor(options: SloSeriesReaderOptions) {
    const { now } = options;
    const remembered = (window: Window) => new Remembered<SloSeries>({ forMs: FRESH_MS[window], max: KEPT, now });
    this.#options = options;
    this.#known = { '1h': remembered('1h'), '24h': remembered('24h'), '30d': remembered('30d') };
  }

  /** Of all tenants together unless told; at most some seconds old. @throws CulvertError registry_unavailable */
  series(window: Window, tenant?: string): Promise<SloSeries> {
    return this.#known[window].get(tenant ?? '', () => this.#read(window, tenant));
  }

  async #read(window: Window, tenant: string | undefined): Promise<SloSeries> {
    const { registry, objectives, now } = this.#options;
    const { span, each, count } = STEPS[window];
    const stepMs = each * SLI_SPANS[span].ms;
    const toMs = (Math.floor(now() / stepMs) + 1) * stepMs;
    const whose = tenant === undefined ? {} : { tenant };
    const points = await registry.sli.series({ span, fromMs: toMs - count * stepMs, toMs, ...whose });
    const steps = Array.from({ length: count }, (_, i) => stepOf(points.slice(i * each, (i + 1) * each)));
    return {
      ...{ window, tenant: tenant ?? null, stepMs },
      at: steps.map(({ startMs }) => startMs),
      targets: ofEach((name) => objectives[name].target),
      real: curvesOf(steps, 'real', objectives),
      synthetic: curvesOf(steps, 'synthetic', objectives),
    };
  }
}

type Point = Awaited<ReturnType<Registry['sli']['series']>>[number];

function stepOf(points: readonly Point[]): Step {
  const of = (source: SliSource): SliCounts => points.map((point) => point[source]).reduce(addCounts, noCounts());
  return { startMs: points[0]?.startMs ?? 0, counts: { real: of('real'), synthetic: of('synthetic') } };
}

function curvesOf(steps: readonly Step[], source: SliSource, objectives: Objectives): SloCurves {
  const all = steps.map(({ counts }) => counts[source]);
  return {
    attainment: ofEach((name) => all.map((counts) => attainment(shareOf(name, counts, objectives)))),
    opened: all.map(({ opened }) => opened),
    failed: all.map(({ failed }) => failed),
    lost: all.map(({ lost }) => lost),
  };
}

function ofEach<T>(make: (name: SloName) => T): Record<SloName, T> {
  return Object.fromEntries(SLO_NAMES.map((name) => [name, make(name)])) as Record<SloName, T>; // it forgets the keys' type
}
