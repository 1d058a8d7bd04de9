import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Deployment, SLO_NAMES, SLO_WINDOWS, SloReport } from '@culvert/contracts';
import { addCounts, noCounts, SETUP_BOUNDS_MS, type SliCounts } from '@culvert/telemetry';
import { Value } from 'typebox/value';
import { BURN_WINDOWS, type BurnWindow, burnAlertsOf, burnRate, firing } from './burn.ts';
import { DEFAULT_OBJECTIVES } from './objectives.ts';
import { classedPercentile } from './percentile.ts';
import { makeReport, type ReportInput } from './report.ts';
import { attainment, shareOf } from './share.ts';
import { type CountsBySource, startOf } from './spent.ts';
import { budgetOf } from './standing.ts';

const NOW = Date.UTC(2026, 4, 20, 12);
const ROUNDS = 300;
/** Comparing with the whole schema takes long. */
const CHECKED = 10;
const NONE: CountsBySource = { real: noCounts(), synthetic: noCounts() };

/** Numbers in [0, 1) that are the same in each run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Any counts that a process may tell; often nothing at all. */
function someCounts(random: () => number): SliCounts {
  const some = (max: number): number => (random() < 0.3 ? 0 : Math.floor(random() ** 4 * max));
  const setup = noCounts().setup.map(() => some(1_000));
  const opened = setup.reduce((sum, count) => sum + count, 0);
  const counts = {
    opened,
    failed: some(500),
    excused: some(500),
    lost: some(100),
    resumed: some(100),
    closed: some(1e4),
  };
  return { ...counts, setup, gapMs: some(1e6), connectionMs: some(1e12), servedMs: some(1e12), unservedMs: some(1e9) };
}

function reportOf(some: Partial<ReportInput> = {}): SloReport {
  const lately = Object.fromEntries(BURN_WINDOWS.map((window) => [window, some.counts ?? NONE]));
  return makeReport({
    ...{ objectives: DEFAULT_OBJECTIVES, window: '30d', fromMs: NOW - SLO_WINDOWS['30d'], toMs: NOW, atMs: NOW },
    ...{ countedFromMs: NOW - SLO_WINDOWS['30d'], tenant: null, counts: NONE, deployments: [], tenants: new Map() },
    ...{ lately: lately as Record<BurnWindow, CountsBySource>, rehearsals: [], ...some },
  });
}

describe('the report of service levels', () => {
  it('has null where there is no data, and never a number that is none', () => {
    const empty = reportOf();
    for (const { real, synthetic } of empty.objectives) {
      assert.deepEqual([real.attainment, real.met, real.budget.remaining, real.alert], [null, null, null, null]);
      assert.deepEqual(synthetic, real);
    }
    const random = seeded(0x51);
    for (let round = 0; round < ROUNDS; round += 1) {
      const report = reportOf({ counts: { real: someCounts(random), synthetic: someCounts(random) } });
      if (round < CHECKED)
        assert.ok(Value.Check(SloReport, report), JSON.stringify(Value.Errors(SloReport, report)[0]));
      assert.doesNotMatch(JSON.stringify(report), /NaN|Infinity/);
      for (const { real } of report.objectives) {
        const { allowed, spent, remaining } = real.budget;
        assert.ok(real.good >= 0 && real.good + spent === real.total);
        // Met, a budget that is not overspent and a burn rate up to 1 are the same thing.
        if (remaining !== null && Math.abs(remaining) > 1e-9) {
          assert.equal(real.met, remaining > 0);
          assert.equal((real.burnRates[0]?.rate ?? 0) < 1, remaining > 0);
          assert.equal(spent < allowed, remaining > 0);
        }
      }
    }
  });

  it('sums: what two processes told is between what each of them told', () => {
    const random = seeded(0x52);
    for (let round = 0; round < ROUNDS; round += 1) {
      const [one, other] = [someCounts(random), someCounts(random)];
      for (const name of SLO_NAMES) {
        if (name === 'lost_connections') continue; // its total is bounded by the lost ones of each
        const of = (counts: SliCounts) => attainment(shareOf(name, counts, DEFAULT_OBJECTIVES));
        const each = [of(one), of(other)].filter((share) => share !== null);
        const both = of(addCounts(one, other));
        if (both === null) assert.deepEqual(each, []);
        else
          assert.ok(both >= Math.min(...each) - 1e-12 && both <= Math.max(...each) + 1e-12, `${name} ${both} ${each}`);
      }
    }
  });

  it('one more bad one never looks better', () => {
    const random = seeded(0x53);
    for (let round = 0; round < ROUNDS; round += 1) {
      const counts = someCounts(random);
      const worse = {
        ...counts,
        failed: counts.failed + 1,
        lost: counts.lost + 1,
        unservedMs: counts.unservedMs + 1_000,
      };
      for (const name of SLO_NAMES) {
        const { target } = DEFAULT_OBJECTIVES[name];
        const [before, after] = [counts, worse].map((one) => shareOf(name, one, DEFAULT_OBJECTIVES));
        assert.ok(before && after);
        assert.ok((burnRate(after, target) ?? 0) >= (burnRate(before, target) ?? 0) - 1e-9, name);
        assert.ok((budgetOf(after, target).remaining ?? 1) <= (budgetOf(before, target).remaining ?? 1) + 1e-9, name);
      }
    }
  });
});

describe('a percentile of classes', () => {
  it('is within the class that has it, and rises with its share', () => {
    const random = seeded(0x54);
    for (let round = 0; round < ROUNDS; round += 1) {
      // Real times, counted into classes: the true percentile has to be within the bounds that are told.
      const times = Array.from({ length: 1 + Math.floor(random() * 40) }, () => random() ** 6 * 50_000).sort(
        (a, b) => a - b,
      );
      const counts = noCounts().setup.map(() => 0);
      for (const time of times) {
        const at = SETUP_BOUNDS_MS.findIndex((bound) => time <= bound);
        const place = at < 0 ? SETUP_BOUNDS_MS.length : at;
        counts[place] = (counts[place] ?? 0) + 1;
      }
      let last = 0;
      for (const share of [0.01, 0.5, 0.9, 0.99, 1]) {
        const told = classedPercentile(counts, share);
        const truth = times[Math.ceil(share * times.length) - 1] ?? 0;
        assert.ok(told !== null && truth >= told.fromMs && truth <= (told.toMs ?? Infinity), `${share}: ${truth}`);
        assert.ok(told.ms >= told.fromMs && told.ms <= (told.toMs ?? Infinity) && told.ms >= last);
        last = told.ms;
      }
    }
    assert.equal(classedPercentile(noCounts().setup, 0.99), null);
  });
});

describe('burn-rate alerts', () => {
  const alerts = burnAlertsOf(DEFAULT_OBJECTIVES);
  const share = (bad: number) => ({ good: 10_000 - bad, total: 10_000 });
  const shares = (rates: Record<BurnWindow, number>) =>
    new Map(BURN_WINDOWS.map((window) => [SLO_WINDOWS[window], share(rates[window])] as const));

  it('are those of the workbook for 30 days; for a week the rates are lower, never below 1', () => {
    assert.deepEqual(
      alerts.map(({ rate }) => rate),
      [14.4, 6, 1],
    );
    assert.deepEqual(
      burnAlertsOf({ window: '7d' }).map(({ rate }) => rate),
      [3.36, 1.4, 1],
    );
  });

  it('want both times to burn, and more than a few bad ones', () => {
    const calm = { '5m': 0, '30m': 0, '1h': 0, '6h': 0, '3d': 0 };
    assert.equal(firing(alerts, shares(calm), 0.999), null);
    assert.equal(firing(alerts, shares({ ...calm, '5m': 200, '1h': 200 }), 0.999), 'page');
    assert.equal(firing(alerts, shares({ ...calm, '5m': 200 }), 0.999), null);
    assert.equal(firing(alerts, shares({ ...calm, '1h': 200 }), 0.999), null, 'it has ended');
    assert.equal(firing(alerts, shares({ ...calm, '6h': 20, '3d': 20 }), 0.999), 'ticket');
    const few = new Map([300_000, 3_600_000].map((ms) => [ms, { good: 0, total: 2 }]));
    assert.equal(firing(alerts, few, 0.999), null);
    assert.equal(firing(alerts, few, 0.999, 1), 'page');
  });
});

describe('what a deployment spent', () => {
  const deployment = {
    ...{ id: 'd1', kind: 'release', version: '2', state: 'succeeded', createdAt: '2026-05-20T10:00:00.000Z' },
    finishedAt: '2026-05-20T10:30:00.000Z',
    nodes: [
      {
        evidence: [
          { step: 'waiting', at: '2026-05-20T10:20:00.000Z', tookMs: 1_200_000 },
          { step: 'prepare', at: '2026-05-20T10:21:00.000Z', tookMs: 60_000 },
        ],
      },
    ],
  } as unknown as Deployment; // what the report does not read is left out

  it('is what failed while it touched nodes, as a share of the whole budget', () => {
    assert.equal(startOf(deployment), Date.parse('2026-05-20T10:20:00.000Z'));
    const counts = { real: { ...noCounts(), opened: 99_900, failed: 100 }, synthetic: noCounts() };
    const during = { real: { ...noCounts(), opened: 500, failed: 25 }, synthetic: noCounts() };
    const [spent] = reportOf({ counts, deployments: [{ deployment, during }] }).deployments;
    assert.equal(spent?.real.failed, 25);
    assert.ok(Math.abs((spent.real.budget.connection_success ?? 0) - 0.25) < 1e-9);
    assert.equal(spent.real.budget.session_availability, null);
    assert.equal(spent.synthetic.budget.connection_success, null);
  });
});
