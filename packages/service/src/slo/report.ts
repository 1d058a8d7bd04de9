import {
  type Deployment,
  type FailureRehearsal,
  type Objectives,
  SLO_NAMES,
  type SloObjective,
  type SloReport,
  type SloTenant,
  type SloWindow,
} from '@culvert/contracts';
import type { SliCounts } from '@culvert/telemetry';
import type { BurnWindow } from './burn.ts';
import { figuresOf } from './figures.ts';
import { ABOUT, describeObjective } from './objectives.ts';
import { recoveryOf } from './recovery.ts';
import { type CountsBySource, spentBy } from './spent.ts';
import { standingOf } from './standing.ts';

/** A report names no more tenants than this. */
const MAX_TENANTS = 200;

/** Everything that a report is made of. Times are ms since the Unix epoch. */
export interface ReportInput {
  readonly objectives: Objectives;
  readonly window: SloWindow | null;
  readonly fromMs: number;
  readonly toMs: number;
  readonly countedFromMs: number;
  readonly atMs: number;
  readonly tenant: string | null;
  /** Over the time of the report. */
  readonly counts: CountsBySource;
  readonly lately: Readonly<Record<BurnWindow, CountsBySource>>;
  readonly deployments: readonly { readonly deployment: Deployment; readonly during: CountsBySource }[];
  readonly tenants: ReadonlyMap<string, SliCounts>;
  readonly rehearsals: readonly FailureRehearsal[];
}

export function makeReport(input: ReportInput): SloReport {
  const { objectives, counts, tenant } = input;
  const iso = (ms: number): string => new Date(ms).toISOString();
  return {
    window: input.window,
    from: iso(input.fromMs),
    to: iso(input.toMs),
    countedFrom: iso(input.countedFromMs),
    at: iso(input.atMs),
    tenant,
    objectives: objectivesOf(input),
    real: figuresOf(counts.real),
    synthetic: figuresOf(counts.synthetic),
    deployments: input.deployments.map(({ deployment, during }) => spentBy(deployment, during, counts, objectives)),
    tenants: worstFirst(input.tenants),
    recovery: recoveryOf(input.rehearsals),
  };
}

function objectivesOf({ objectives, counts, lately }: ReportInput): SloObjective[] {
  const of = (source: 'real' | 'synthetic'): Record<BurnWindow, SliCounts> => {
    const entries = Object.entries(lately).map(([window, both]) => [window, both[source]]);
    return Object.fromEntries(entries) as Record<BurnWindow, SliCounts>; // fromEntries forgets the keys' type
  };
  const [real, synthetic] = [of('real'), of('synthetic')];
  return SLO_NAMES.map((name) => ({
    name,
    about: ABOUT[name],
    target: objectives[name].target,
    withinMs: name === 'setup' ? objectives.setup.withinMs : null,
    description: describeObjective(name, objectives),
    real: standingOf(name, counts.real, real, objectives),
    synthetic: standingOf(name, counts.synthetic, synthetic, objectives),
  }));
}

function worstFirst(tenants: ReadonlyMap<string, SliCounts>): SloTenant[] {
  const harm = ({ failed, lost }: SliCounts): number => failed + lost;
  return [...tenants]
    .sort(
      ([, one], [, other]) => harm(other) - harm(one) || other.unservedMs - one.unservedMs || other.opened - one.opened,
    )
    .slice(0, MAX_TENANTS)
    .map(([tenant, counts]) => ({ tenant, figures: figuresOf(counts) }));
}
