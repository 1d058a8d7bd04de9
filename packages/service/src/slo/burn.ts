import { type BurnRate, type Objectives, SLO_WINDOWS } from '@culvert/contracts';
import { attainment, bad, type Share } from './share.ts';

/** Times over which burn rates are told. */
export const BURN_WINDOWS = ['5m', '30m', '1h', '6h', '3d'] as const;
export type BurnWindow = (typeof BURN_WINDOWS)[number];

export type Severity = 'page' | 'ticket';

/** Fires while the budget burned at this rate both over a long time and over its last part. */
export interface BurnAlert {
  readonly severity: Severity;
  readonly longMs: number;
  /** Ends the alert soon after the burning has ended. */
  readonly shortMs: number;
  readonly rate: number;
}

/** An alert wants more bad ones than this, or one failure in a quiet night would call somebody. */
export const MIN_BAD = 2;

/**
 * The Site Reliability Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts": 2 % of the budget within an hour and 5 %
 * within six call somebody, 10 % within three days can wait for the morning. In a window of 30 days these are the rates
 * 14.4, 6 and 1.
 */
const SHARES = [
  { severity: 'page', budget: 0.02, long: '1h', short: '5m' },
  { severity: 'page', budget: 0.05, long: '6h', short: '30m' },
  { severity: 'ticket', budget: 0.1, long: '3d', short: '6h' },
] as const;

/** The usual alerts of these objectives. At a rate below 1 the budget lasts: no alert. */
export function burnAlertsOf({ window }: Pick<Objectives, 'window'>): BurnAlert[] {
  return SHARES.map(({ severity, budget, long, short }) => {
    const longMs = SLO_WINDOWS[long];
    const rate = Math.max(1, (budget * SLO_WINDOWS[window]) / longMs);
    return { severity, longMs, shortMs: SLO_WINDOWS[short], rate: Number(rate.toFixed(4)) };
  });
}

/** How fast the budget went; null: no data. */
export function burnRate(share: Share, target: number): number | null {
  const reached = attainment(share);
  return reached === null ? null : (1 - reached) / (1 - target);
}

export function burnRates(shares: Readonly<Record<BurnWindow, Share>>, target: number): BurnRate[] {
  return BURN_WINDOWS.map((window) => ({ window, rate: burnRate(shares[window], target) }));
}

/** The most severe of the alerts that fire; `shares` by their windows in ms. null: none. */
export function firing(
  alerts: readonly BurnAlert[],
  shares: ReadonlyMap<number, Share>,
  target: number,
  minBad = MIN_BAD,
): Severity | null {
  const fires = ({ longMs, shortMs, rate }: BurnAlert): boolean => {
    const [long, short] = [shares.get(longMs), shares.get(shortMs)];
    if (long === undefined || short === undefined || bad(long) <= minBad) return false;
    return (burnRate(long, target) ?? 0) > rate && (burnRate(short, target) ?? 0) > rate;
  };
  const severities = alerts.filter(fires).map(({ severity }) => severity);
  return severities.includes('page') ? 'page' : (severities[0] ?? null);
}
