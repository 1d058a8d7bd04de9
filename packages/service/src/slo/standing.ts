import { type Objectives, SLO_WINDOWS, type SloName, type SloStanding } from '@culvert/contracts';
import type { SliCounts } from '@culvert/telemetry';
import { BURN_WINDOWS, type BurnWindow, burnAlertsOf, burnRates, firing } from './burn.ts';
import { attainment, bad, type Share, shareOf } from './share.ts';

/** Counts over the times of burn rates. */
export type BurnCounts = Readonly<Record<BurnWindow, SliCounts>>;

/** How an objective stands: over the time of the report, and lately. */
export function standingOf(name: SloName, counts: SliCounts, lately: BurnCounts, objectives: Objectives): SloStanding {
  const { target } = objectives[name];
  const share = shareOf(name, counts, objectives);
  const shares = Object.fromEntries(
    BURN_WINDOWS.map((window) => [window, shareOf(name, lately[window], objectives)]),
  ) as Record<BurnWindow, Share>; // fromEntries forgets the keys' type
  const byMs = new Map(BURN_WINDOWS.map((window) => [SLO_WINDOWS[window], shares[window]]));
  const reached = attainment(share);
  return {
    ...share,
    attainment: reached,
    met: reached === null ? null : reached >= target,
    budget: budgetOf(share, target),
    burnRates: burnRates(shares, target),
    alert: firing(burnAlertsOf(objectives), byMs, target),
  };
}

/** The error budget: what the objective allows to be bad among all, and how much of it is left. */
export function budgetOf(share: Share, target: number): SloStanding['budget'] {
  const allowed = (1 - target) * share.total;
  const spent = bad(share);
  return { allowed, spent, remaining: allowed > 0 ? 1 - spent / allowed : null };
}
