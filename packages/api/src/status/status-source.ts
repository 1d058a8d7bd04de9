import { CulvertError } from '@culvert/base';
import {
  type DeploymentState,
  FINAL_STATES,
  type Objectives,
  SLO_WINDOWS,
  type StatusReport,
} from '@culvert/contracts';
import type { SliPoint } from '@culvert/registry';
import { startOf } from '@culvert/service';
import { viewOf } from '../deployment-access.ts';
import type { ApiDeps } from '../deps.ts';
import { Remembered } from '../slo/remembered.ts';
import { isSuspicious } from './incidents.ts';
import type { ReadyNodes } from './signals.ts';
import { type Maintenance, makeStatus, type StatusInput } from './status.ts';

/** A public page: however many look at it, the cluster is asked this often at most. */
const FRESH_MS = 10_000;
/** What happened on past days, and in past hours, changes slowly. */
const HISTORY_MS = 60_000;
const REPORTS_KEPT = 1_000;
const DAYS = 90;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Minutes are kept for four days; the first of them goes while it is looked at. */
const INCIDENT_DAYS = 3;
const NOTE_DAYS = 7;
const DEPLOYMENTS_READ = 50;

type History = Pick<StatusInput, 'days' | 'minutes' | 'maintenance'>;

/** Reads what the status page is made of. */
export class StatusSource {
  readonly #deps: ApiDeps;
  readonly #objectives: Objectives;
  readonly #reports: Remembered<StatusReport>;
  readonly #histories: Remembered<History>;

  constructor(deps: ApiDeps, objectives: Objectives) {
    const { now } = deps;
    this.#deps = deps;
    this.#objectives = objectives;
    this.#reports = new Remembered({ forMs: FRESH_MS, max: REPORTS_KEPT, now });
    this.#histories = new Remembered({ forMs: HISTORY_MS, max: REPORTS_KEPT, now });
  }

  /** Of the whole cluster, or as one tenant has it. Answers while Redis is away, too. */
  status(tenant?: string): Promise<StatusReport> {
    return this.#reports.get(tenant ?? '', () => this.#read(tenant));
  }

  async #read(tenant: string | undefined): Promise<StatusReport> {
    const nothing: History = { days: [], minutes: [], maintenance: [] };
    const [lately, nodes, history] = await Promise.all([
      orNull(this.#lately(tenant)),
      orNull(this.#nodes()),
      orNull(this.#histories.get(tenant ?? '', () => this.#history(tenant))),
    ]);
    return makeStatus({ atMs: this.#deps.now(), objectives: this.#objectives, lately, nodes, ...(history ?? nothing) });
  }

  async #lately(tenant: string | undefined): Promise<NonNullable<StatusInput['lately']>> {
    const { registry, now } = this.#deps;
    const nowMs = now();
    const read = async (ms: number) => {
      const range = { fromMs: nowMs - ms, toMs: nowMs };
      const all = await registry.sli.read(range);
      if (tenant === undefined) return all;
      // Probes belong to no tenant: what they say goes for all.
      const { real } = await registry.sli.read({ ...range, tenant });
      return { real, synthetic: all.synthetic };
    };
    const [long, short] = await Promise.all([read(SLO_WINDOWS['1h']), read(SLO_WINDOWS['5m'])]);
    return { long, short };
  }

  async #nodes(): Promise<ReadyNodes> {
    const nodes = await this.#deps.nodes.list();
    const ready = (role: string): number =>
      nodes.filter((node) => node.role === role && (node.state === 'ready' || node.state === 'cordoned')).length;
    return { workers: ready('worker'), gateways: ready('gateway') };
  }

  async #history(tenant: string | undefined): Promise<History> {
    const nowMs = this.#deps.now();
    const days = await this.#series('day', nowMs - (DAYS - 1) * DAY_MS, nowMs, tenant);
    const hours = await this.#series('hour', nowMs - INCIDENT_DAYS * DAY_MS, nowMs, tenant);
    const minutes: SliPoint[] = [];
    // Most hours have nothing to tell: their minutes are not read.
    for (const hour of hours.filter(isSuspicious)) {
      const { startMs } = hour;
      minutes.push(...(await this.#series('minute', startMs, Math.min(startMs + HOUR_MS, nowMs), tenant)));
    }
    return { days, minutes, maintenance: await this.#maintenance(nowMs) };
  }

  async #series(
    span: 'minute' | 'hour' | 'day',
    fromMs: number,
    toMs: number,
    tenant: string | undefined,
  ): Promise<SliPoint[]> {
    const { sli } = this.#deps.registry;
    const all = await sli.series({ span, fromMs, toMs });
    if (tenant === undefined) return all;
    const own = await sli.series({ span, fromMs, toMs, tenant });
    return own.map((point, i) => ({ ...point, synthetic: all[i]?.synthetic ?? point.synthetic }));
  }

  async #maintenance(nowMs: number): Promise<Maintenance[]> {
    const { items } = await this.#deps.registry.deployments.list({ limit: DEPLOYMENTS_READ });
    return items
      .map((stored) => viewOf(stored).deployment)
      .filter(({ kind, state }) => kind === 'release' && state !== 'pending' && state !== 'rejected')
      .map((deployment): Maintenance => ({ atMs: startOf(deployment), state: endOf(deployment.state) }))
      .filter(({ atMs }) => nowMs - atMs < NOTE_DAYS * DAY_MS);
  }
}

function endOf(state: DeploymentState): Maintenance['state'] {
  if (!FINAL_STATES.includes(state)) return 'running';
  if (state === 'succeeded') return 'done';
  return state === 'rolled_back' ? 'taken_back' : 'stopped';
}

/** null while Redis is away: that, too, is something to tell. */
async function orNull<T>(value: Promise<T>): Promise<T | null> {
  try {
    return await value;
  } catch (error) {
    if (error instanceof CulvertError && error.code === 'registry_unavailable') return null;
    throw error;
  }
}
