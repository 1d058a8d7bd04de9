import { type Deployment, type Objectives, SLO_NAMES, type SloDeployment, type SloName } from '@culvert/contracts';
import type { SliCounts } from '@culvert/telemetry';
import { bad, shareOf } from './share.ts';
import { budgetOf } from './standing.ts';

/** Counts by who made the connections. */
export interface CountsBySource {
  readonly real: SliCounts;
  readonly synthetic: SliCounts;
}

/** When a deployment began to touch nodes; while it waits for its turn, it costs nothing. */
export function startOf({ createdAt, nodes }: Pick<Deployment, 'createdAt' | 'nodes'>): number {
  const steps = nodes.flatMap(({ evidence }) => evidence).filter(({ step }) => step !== 'waiting');
  const starts = steps.map(({ at, tookMs }) => Date.parse(at) - tookMs);
  const first = Math.min(...starts);
  return Number.isFinite(first) ? Math.max(first, Date.parse(createdAt)) : Date.parse(createdAt);
}

/** What a deployment cost; `during`: what was counted while it ran, `whole`: in the time of the report. */
export function spentBy(
  deployment: Deployment,
  during: CountsBySource,
  whole: CountsBySource,
  objectives: Objectives,
): SloDeployment {
  const { id, version, kind, state, finishedAt } = deployment;
  return {
    id,
    version,
    kind,
    state,
    startedAt: new Date(startOf(deployment)).toISOString(),
    finishedAt,
    real: spent(during.real, whole.real, objectives),
    synthetic: spent(during.synthetic, whole.synthetic, objectives),
  };
}

function spent(during: SliCounts, whole: SliCounts, objectives: Objectives): SloDeployment['real'] {
  const { failed, lost, unservedMs } = during;
  const shareOfBudget = (name: SloName): number | null => {
    const { allowed } = budgetOf(shareOf(name, whole, objectives), objectives[name].target);
    return allowed > 0 ? bad(shareOf(name, during, objectives)) / allowed : null;
  };
  const budget = Object.fromEntries(SLO_NAMES.map((name) => [name, shareOfBudget(name)]));
  return { failed, lost, unservedMs, budget: budget as Record<SloName, number | null> }; // fromEntries forgets the keys
}
