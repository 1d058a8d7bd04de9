import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StatusReport } from '@culvert/contracts';
import { type CountsBySource, DEFAULT_OBJECTIVES } from '@culvert/service';
import { noCounts, type SliCounts } from '@culvert/telemetry';
import { Value } from 'typebox/value';
import { incidentsOf } from './incidents.ts';
import { statusPage } from './page.ts';
import { agree } from './signals.ts';
import { makeStatus, type StatusInput } from './status.ts';

const NOW = Date.UTC(2026, 4, 20, 12);
const MINUTE = 60_000;
const NONE: CountsBySource = { real: noCounts(), synthetic: noCounts() };

function both(real: Partial<SliCounts>, synthetic: Partial<SliCounts> = {}): CountsBySource {
  return { real: { ...noCounts(), ...real }, synthetic: { ...noCounts(), ...synthetic } };
}

function input(some: Partial<StatusInput> = {}): StatusInput {
  const base = { atMs: NOW, objectives: DEFAULT_OBJECTIVES, days: [], minutes: [], maintenance: [] };
  return { ...base, lately: { long: NONE, short: NONE }, nodes: { workers: 3, gateways: 1 }, ...some };
}

/** How connections stand when this was counted, lately and for an hour. */
function connections(counts: CountsBySource, nodes = { workers: 3, gateways: 1 }): string | undefined {
  const { components } = makeStatus(input({ lately: { long: counts, short: counts }, nodes }));
  return components.find(({ name }) => name === 'connections')?.state;
}

describe('the status of a cluster', () => {
  it('has an outage only when two sources say so', () => {
    const fails = { opened: 1, failed: 99 };
    const works = { opened: 100 };
    assert.equal(connections(both(works, works)), 'operational');
    assert.equal(connections(both(fails, fails)), 'outage');
    assert.equal(connections(both(fails, works)), 'degraded');
    assert.equal(connections(both(works, fails)), 'degraded');
    assert.equal(connections(both(works, works), { workers: 3, gateways: 0 }), 'degraded');
    assert.equal(connections(both(works, fails), { workers: 0, gateways: 1 }), 'outage');
    assert.equal(connections(both({ opened: 97, failed: 3 }, works)), 'operational');
    assert.equal(connections(both({ opened: 97, failed: 3 }, { opened: 97, lost: 3 })), 'degraded');
  });

  it('does not hide a complaint that it does not believe', () => {
    const counts = both({ opened: 97, failed: 3 }, { opened: 100 });
    const { state, summary, components } = makeStatus(input({ lately: { long: counts, short: counts } }));
    assert.equal(state, 'operational');
    assert.match(summary, /some customers may see more errors/);
    assert.match(components[0]?.detail ?? '', /some may see more errors/);
  });

  it('believes one source less whenever another contradicts it', () => {
    const states = ['unknown', 'operational', 'degraded', 'outage'] as const;
    for (const one of states) {
      assert.notEqual(agree([one, 'operational']), 'outage');
      assert.notEqual(agree([one, 'unknown']), 'outage');
      assert.equal(agree([one, one]), one);
    }
    assert.equal(agree([]), 'unknown');
  });

  it('works without data, and without Redis', () => {
    const empty = makeStatus(input());
    assert.deepEqual([empty.state, empty.incidents, empty.notes], ['operational', [], []]);
    const blind = makeStatus(input({ lately: null, nodes: null }));
    assert.deepEqual(
      blind.components.map(({ state }) => state),
      ['unknown', 'unknown', 'degraded', 'unknown'],
    );
    assert.equal(blind.state, 'degraded');
    for (const report of [empty, blind]) {
      assert.ok(Value.Check(StatusReport, report));
      assert.match(
        statusPage(report, { json: '/status.json', own: false }),
        /<strong>(Operational|Degraded)<\/strong>/,
      );
    }
  });

  it('makes days of counts: none, good, below the objective, broken', () => {
    const counts = [
      NONE,
      both({ opened: 9_999, failed: 1 }),
      both({ opened: 990, failed: 10 }),
      both({ opened: 1, failed: 9 }),
    ];
    const days = counts.map((one, i) => ({ startMs: Date.UTC(2026, 4, 17 + i), ...one }));
    const report = makeStatus(input({ days }));
    assert.deepEqual(
      report.days.map(({ day, state }) => `${day} ${state}`),
      ['2026-05-17 unknown', '2026-05-18 operational', '2026-05-19 degraded', '2026-05-20 outage'],
    );
    const html = statusPage(report, { json: '/status.json', own: false });
    assert.equal(html.match(/<rect class="\w+" x=/g)?.length, 4);
    assert.match(html, /99\.99 %/);
  });

  it('says what happened in the way of maintenance, not to whom', () => {
    const { notes } = makeStatus(input({ maintenance: [{ atMs: NOW, state: 'done' }] }));
    assert.deepEqual(notes, [{ at: '2026-05-20T12:00:00.000Z', text: 'An update was rolled out.' }]);
  });
});

describe('incidents', () => {
  const bad = both({ opened: 90, failed: 10 });
  const at = (ago: number, counts = bad) => ({ startMs: NOW - ago * MINUTE, ...counts });

  it('are minutes below the objective, merged when they are near; one that goes on has no end', () => {
    const found = incidentsOf([at(2), at(120), at(116), at(60, both({ opened: 100 })), at(1)], DEFAULT_OBJECTIVES, NOW);
    assert.deepEqual(
      found.map(({ from, to }) => [from, to]),
      [
        [new Date(NOW - 2 * MINUTE).toISOString(), null],
        [new Date(NOW - 120 * MINUTE).toISOString(), new Date(NOW - 115 * MINUTE).toISOString()],
      ],
    );
    assert.deepEqual(found[0]?.about, ['connections']);
  });

  it('are outages only when probes failed as well', () => {
    const [one] = incidentsOf([at(9, both({ failed: 50 }))], DEFAULT_OBJECTIVES, NOW);
    const [two] = incidentsOf([at(9, both({ failed: 50 }, { failed: 5 }))], DEFAULT_OBJECTIVES, NOW);
    assert.deepEqual([one?.state, two?.state], ['degraded', 'outage']);
    assert.deepEqual(two?.about, ['connections', 'probes']);
  });

  it('are not made of single failures', () => {
    assert.deepEqual(
      incidentsOf([at(9, both({ opened: 10, failed: 2, servedMs: 1e6, unservedMs: 9_000 }))], DEFAULT_OBJECTIVES, NOW),
      [],
    );
  });
});
