import {
  CANARY_TENANT,
  FailureRehearsal,
  type Objectives,
  SLO_WINDOWS,
  type SloReport,
  type SloWindow,
} from '@culvert/contracts';
import type { Registry } from '@culvert/registry';
import {
  BURN_WINDOWS,
  type BurnWindow,
  type CountsBySource,
  makeReport,
  type ReportInput,
  startOf,
} from '@culvert/service';
import type { SliCounts } from '@culvert/telemetry';
import { Value } from 'typebox/value';
import { viewOf } from '../deployment-access.ts';
import { Remembered } from './remembered.ts';

/** Counts are told every few seconds; asking Redis more often tells nothing new. */
const FRESH_MS = 3_000;
const REPORTS_KEPT = 200;
const MAX_DEPLOYMENTS = 50;
/** What a deployment cost is settled once its last counts have been told. */
const SETTLED_MS = 180_000;
const SETTLED_KEPT_MS = 3_600_000;
const NO_TENANTS: ReadonlyMap<string, SliCounts> = new Map();

/** Which report; the window of the objectives unless told. */
export interface ReportWish {
  readonly window?: SloWindow;
  /** Instead of a window, ms since the Unix epoch. */
  readonly range?: { readonly fromMs: number; readonly toMs: number };
  readonly tenant?: string;
}

export interface SloReaderOptions {
  readonly registry: Pick<Registry, 'sli' | 'deployments'>;
  readonly objectives: Objectives;
  /** ms since the Unix epoch. */
  readonly now: () => number;
}

/** Reads what reports are made of, and keeps them for a moment. */
export class SloReader {
  readonly objectives: Objectives;
  readonly #options: SloReaderOptions;
  readonly #reports: Remembered<SloReport>;
  readonly #settled: Remembered<CountsBySource>;

  constructor(options: SloReaderOptions) {
    const { now, objectives } = options;
    this.objectives = objectives;
    this.#options = options;
    this.#reports = new Remembered({ forMs: FRESH_MS, max: REPORTS_KEPT, now });
    this.#settled = new Remembered({ forMs: SETTLED_KEPT_MS, max: REPORTS_KEPT, now });
  }

  /** At most some seconds old. @throws CulvertError invalid_request, registry_unavailable */
  report(wish: ReportWish = {}): Promise<SloReport> {
    const { window, range, tenant } = wish;
    const key = JSON.stringify([window, range, tenant]);
    return this.#reports.get(key, () => this.#read(wish));
  }

  async #read({ window = this.objectives.window, range, tenant }: ReportWish): Promise<SloReport> {
    const { registry, now, objectives } = this.#options;
    const atMs = now();
    const { fromMs, toMs } = range ?? { fromMs: atMs - SLO_WINDOWS[window], toMs: atMs };
    const whose = tenant === undefined ? {} : { tenant };
    const [counts, lately, deployments, tenants, rehearsals] = await Promise.all([
      registry.sli.read({ fromMs, toMs, ...whose }),
      this.#lately(atMs, tenant),
      this.#deployments(fromMs, toMs, tenant),
      tenant === undefined ? this.#tenants(fromMs, toMs) : NO_TENANTS,
      tenant === undefined ? this.#rehearsals() : [],
    ]);
    return makeReport({
      ...{ objectives, fromMs, toMs, atMs, counts, lately, deployments, tenants },
      window: range === undefined ? window : null,
      countedFromMs: counts.countedFromMs,
      tenant: tenant ?? null,
      rehearsals,
    });
  }

  async #tenants(fromMs: number, toMs: number): Promise<ReadonlyMap<string, SliCounts>> {
    const tenants = await this.#options.registry.sli.byTenant({ fromMs, toMs });
    return new Map([...tenants].filter(([tenant]) => tenant !== CANARY_TENANT));
  }

  /** What another release wrote may have other fields: that is left out. */
  async #rehearsals(): Promise<FailureRehearsal[]> {
    const known = await this.#options.registry.sli.rehearsals();
    return known.filter((one): one is FailureRehearsal => Value.Check(FailureRehearsal, one));
  }

  async #lately(atMs: number, tenant: string | undefined): Promise<Record<BurnWindow, CountsBySource>> {
    const { sli } = this.#options.registry;
    const whose = tenant === undefined ? {} : { tenant };
    const read = async (window: BurnWindow): Promise<[BurnWindow, CountsBySource]> => [
      window,
      await sli.read({ fromMs: atMs - SLO_WINDOWS[window], toMs: atMs, ...whose }),
    ];
    const entries = await Promise.all(BURN_WINDOWS.map(read));
    return Object.fromEntries(entries) as Record<BurnWindow, CountsBySource>; // fromEntries forgets the keys' type
  }

  async #deployments(fromMs: number, toMs: number, tenant: string | undefined): Promise<ReportInput['deployments']> {
    const { registry, now } = this.#options;
    const { items } = await registry.deployments.list({ limit: MAX_DEPLOYMENTS });
    const ran = items
      .map((stored) => viewOf(stored).deployment)
      .map((deployment) => {
        const { finishedAt } = deployment;
        return {
          deployment,
          startMs: startOf(deployment),
          endMs: finishedAt === null ? now() : Date.parse(finishedAt),
        };
      })
      .filter(({ startMs, endMs }) => startMs < toMs && endMs >= fromMs);
    return Promise.all(
      ran.map(async ({ deployment, startMs, endMs }) => ({
        deployment,
        during: await this.#during(deployment.id, startMs, endMs, tenant),
      })),
    );
  }

  #during(id: string, fromMs: number, endMs: number, tenant: string | undefined): Promise<CountsBySource> {
    const { registry, now } = this.#options;
    const read = (): Promise<CountsBySource> =>
      registry.sli.read({ fromMs, toMs: Math.max(endMs, fromMs + 1), ...(tenant === undefined ? {} : { tenant }) });
    return now() - endMs > SETTLED_MS ? this.#settled.get(JSON.stringify([id, tenant]), read) : read();
  }
}
