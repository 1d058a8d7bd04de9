import type { Cohort } from './types.ts';

/**
 * When what is new is worse than what is old. Differences count only beyond a number of cases, so that one unlucky connection
 * condemns nobody.
 */
export const THRESHOLDS = {
  /** Connections that were asked for before real traffic says anything. */
  minAsked: 20,
  /** Synthetic requests that make up for them. */
  minProbes: 8,
  /** Of all that were asked for, more than among the old ones. */
  errorRate: 0.02,
  minErrors: 3,
  /** Of all that were opened, more than among the old ones. */
  lostRate: 0.01,
  minLost: 2,
  /** The new 95th percentile of the set-up time against the old one: so many times as long, and by so many ms. */
  slower: 2,
  slowerByMs: 250,
  minTimed: 50,
  /** Of the synthetic requests. */
  probeErrorRate: 0.25,
  minProbeErrors: 2,
} as const;

export interface Verdict {
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  /** In words. */
  readonly because: string;
  readonly facts: Readonly<Record<string, number>>;
}

export interface Evidence {
  readonly old: Cohort;
  readonly new: Cohort;
  readonly probes: { readonly asked: number; readonly failed: number };
  /** New nodes that should have answered. */
  readonly expected: number;
}

/** Judges the new cohort against the old one. Too few cases, or a node that does not answer, is `inconclusive`. */
export function judge({ old, new: fresh, probes, expected }: Evidence): Verdict {
  const rate = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  const errors = { old: rate(old.failed, old.asked), new: rate(fresh.failed, fresh.asked) };
  const lost = { old: rate(old.lost, old.opened), new: rate(fresh.lost, fresh.opened) };
  const p95 = { old: percentile(old.setup, 0.95), new: percentile(fresh.setup, 0.95) };
  const facts: Record<string, number> = {
    ...{ asked: fresh.asked, failed: fresh.failed, lost: fresh.lost, errorRate: errors.new, oldErrorRate: errors.old },
    ...{ probes: probes.asked, probesFailed: probes.failed },
    ...(p95.new === null ? {} : { p95Ms: p95.new }),
    ...(p95.old === null ? {} : { oldP95Ms: p95.old }),
  };
  const as = (verdict: Verdict['verdict'], because: string): Verdict => ({ verdict, because, facts });
  const t = THRESHOLDS;

  if (fresh.failed >= t.minErrors && errors.new > errors.old + t.errorRate) {
    return as(
      'fail',
      `${fresh.failed} of ${fresh.asked} connections failed on the new nodes, ${percent(errors.old)} on the old`,
    );
  }
  if (fresh.lost >= t.minLost && lost.new > lost.old + t.lostRate) {
    return as(
      'fail',
      `${fresh.lost} of ${fresh.opened} connections were lost on the new nodes, ${percent(lost.old)} on the old`,
    );
  }
  if (probes.failed >= t.minProbeErrors && rate(probes.failed, probes.asked) > t.probeErrorRate) {
    return as('fail', `${probes.failed} of ${probes.asked} requests of our own failed on the new nodes`);
  }
  const isTimed = cases(fresh) >= t.minTimed && cases(old) >= t.minTimed;
  if (
    isTimed &&
    p95.new !== null &&
    p95.old !== null &&
    p95.new > Math.max(p95.old * t.slower, p95.old + t.slowerByMs)
  ) {
    return as(
      'fail',
      `95 % of connections open within ${p95.new} ms on the new nodes, within ${p95.old} ms on the old`,
    );
  }
  if (fresh.nodes < expected) return as('inconclusive', `${fresh.nodes} of ${expected} new nodes answered`);
  if (fresh.asked < t.minAsked && probes.asked < t.minProbes) {
    return as(
      'inconclusive',
      `only ${fresh.asked} connections and ${probes.asked} requests of our own went through the new nodes`,
    );
  }
  return as(
    'pass',
    `the new nodes are no worse: ${fresh.failed} of ${fresh.asked} connections failed, ${fresh.lost} were lost`,
  );
}

const percent = (rate: number): string => `${(rate * 100).toFixed(1)} %`;
const cases = ({ setup }: Cohort): number => setup.at(-1)?.count ?? 0;

/** The upper bound of the bucket in which it lies; null: there is nothing to tell it from. */
function percentile(setup: Cohort['setup'], part: number): number | null {
  const all = setup.at(-1)?.count ?? 0;
  if (all === 0) return null;
  const bucket = setup.find(({ count }) => count >= all * part)?.le;
  return bucket !== undefined && Number.isFinite(bucket)
    ? bucket
    : (setup.findLast(({ le }) => Number.isFinite(le))?.le ?? null);
}
