import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SloReport } from '@culvert/contracts';
import { DEFAULT_OBJECTIVES, makeReport } from '@culvert/service';
import { noCounts, type SliCounts } from '@culvert/telemetry';
import { budgetBar, duration, perCent, rate } from './numbers.ts';
import { tellReport } from './words.ts';

const NOW = Date.UTC(2026, 4, 20, 12);

function report(real: Partial<SliCounts>): SloReport {
  const counts = { real: { ...noCounts(), ...real }, synthetic: noCounts() };
  return makeReport({
    ...{
      objectives: DEFAULT_OBJECTIVES,
      window: '30d',
      fromMs: NOW - 2_592e6,
      toMs: NOW,
      countedFromMs: NOW - 2_592e6,
    },
    ...{ atMs: NOW, tenant: null, counts, deployments: [], tenants: new Map([['acme', counts.real]]) },
    lately: { '5m': counts, '30m': counts, '1h': counts, '6h': counts, '3d': counts },
    rehearsals: [
      {
        ...{
          id: 'r1',
          at: new Date(NOW).toISOString(),
          failure: 'redis_restarted',
          target: 'redis',
          forMs: 0,
          rtoMs: null,
        },
        ...{ rpo: { lostConnections: 3, lostSessions: 0 }, resumed: 0, failed: 0, gapP99Ms: null },
      },
    ],
  });
}

describe('the availability report for people', () => {
  it('says what was promised, reached and left, of real traffic and of probes', () => {
    const text = tellReport(report({ opened: 99_950, failed: 50, lost: 20, connectionMs: 3.6e9 }));
    assert.match(text, /All tenants, the last 30d/);
    assert.match(text, /connection_success +99\.9 % +real +99\.95 % +met +█{10}░{10} 50 %/);
    assert.match(text, /lost_connections +99\.99 % +real +99\.9799 % +missed +░{20} -101 %/);
    assert.match(text, / synthetic +- +no data +-\n/);
    assert.match(text, /real +20 +0\.20 +1000\.0 +50\.0 +0 +-\n/);
    assert.match(text, /connection_success +real +0\.5 +0\.5 +0\.5 +0\.5 +0\.5 +-\n/);
    assert.match(text, /acme +99950 +50 /);
    assert.match(text, /redis_restarted +1× .* did not +did not +3 +0\n/);
  });

  it('of nothing says that there is none', () => {
    const text = tellReport(report({}));
    assert.doesNotMatch(text, /NaN|Infinity|undefined|null/);
    assert.doesNotMatch(text, /BURN RATES|WHAT DEPLOYMENTS/);
  });

  it('cuts shares, so that 100 % is all', () => {
    assert.deepEqual(
      [1, 0.9999999, 0.9999, 0.29, null].map((share) => perCent(share)),
      ['100 %', '99.9999 %', '99.99 %', '29 %', '-'],
    );
    assert.equal(budgetBar(1), `${'█'.repeat(20)} 100 %`);
    assert.match(budgetBar(0.001), /^█░{19} 0 %$/);
    assert.deepEqual([0, 0.44, 14.4, null].map(rate), ['0.0', '0.4', '14', '-']);
    assert.deepEqual([0, 1.5, 120, 1_500, 90_000, 7.2e6].map(duration), [
      '0 ms',
      '1.5 ms',
      '120 ms',
      '1.5 s',
      '90 s',
      '2 h',
    ]);
  });
});
