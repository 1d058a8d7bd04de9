import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError, silentLogger } from '@culvert/base';
import type { NodeStats, ReattachRecords } from '@culvert/contracts';
import type { NodeView } from '@culvert/registry';
import { cohortOf, noteStats } from './cohorts.ts';
import { Ledger } from './ledger.ts';
import { ReattachReader } from './reattached.ts';

/** The store's part that a ledger uses; `writes` counts what was written. */
function storeOf() {
  const touched = new Map<string, unknown>();
  const store = {
    writes: 0,
    touched: async () => new Map(touched),
    putTouched: async (_: string, entries: ReadonlyMap<string, unknown>) => {
      store.writes += entries.size;
      for (const [key, value] of entries) touched.set(key, structuredClone(value));
    },
  };
  return store;
}

const view = (id: string, boot: string): NodeView => ({
  ...{ id, boot, role: 'worker', version: '1', pool: 'default', host: 'h', pid: 1, admin: `fake://${id}` },
  ...{ capacity: 1, admissionRate: 1, state: 'ready', sessions: 0, connections: 0, cordoned: false, leaseAgeMs: 0 },
});
const stats = (asked: number, failed: number, setup: NodeStats['setup'] = []): NodeStats => ({
  ...{ asked, opened: asked - failed, failed, lost: 0, setup },
});
const item = (seq: number, at: string) => ({
  ...{ seq, at, session: 's', connection: `c_${seq}`, from: null, to: null, why: 'draining' },
  ...{ outcome: 'resumed' as const, code: null, gapMs: 1, replayedBytes: 0 },
});

describe('the ledger', () => {
  it('writes only what changed, and knows what another deploy worker wrote', async () => {
    const store = storeOf();
    const first = await Ledger.open(store, 'd_1');
    await first.put(new Map([['s/w/s_1', { outcome: null }]]));
    await first.put(new Map([['s/w/s_1', { outcome: null }]]));
    assert.equal(store.writes, 1);
    const second = await Ledger.open(store, 'd_1');
    await second.put(new Map([['s/w/s_1', { outcome: null }]]));
    assert.equal(store.writes, 1);
    await second.put(new Map([['s/w/s_1', { outcome: 'moved' }]]));
    assert.equal(store.writes, 2);
  });

  it('is full when the store says so, and nothing fails for that', async () => {
    const refuse = async () => Promise.reject(new CulvertError('limit_exceeded'));
    const ledger = await Ledger.open({ ...storeOf(), putTouched: refuse }, 'd_1');
    assert.equal(await ledger.put(new Map([['s/w/s_1', {}]])), 'full');
  });
});

describe('cohorts', () => {
  it('count from when a node was first seen, whoever looks, and keep what a dead node had counted', async () => {
    const store = storeOf();
    await noteStats(await Ledger.open(store, 'd_1'), new Map([[view('w', 'b1'), stats(100, 50)]]));
    const ledger = await Ledger.open(store, 'd_1');
    await noteStats(ledger, new Map([[view('w', 'b1'), stats(110, 51)]]));
    await noteStats(ledger, new Map([[view('w', 'b2'), stats(0, 0)]]));
    await noteStats(ledger, new Map([[view('w', 'b2'), stats(5, 1)]]));
    const cohort = cohortOf(ledger, ['w', 'gone'], new Set(['w']), {});
    assert.deepEqual([cohort.nodes, cohort.asked, cohort.failed], [1, 15, 2]);
  });

  it('add histograms bound by bound, and probes by the node that they went through', async () => {
    const ledger = await Ledger.open(storeOf(), 'd_1');
    const one = view('one', 'b1');
    const other = view('other', 'b2');
    await noteStats(
      ledger,
      new Map([
        [one, stats(0, 0)],
        [other, stats(0, 0)],
      ]),
    );
    const fine = [
      { le: 10, count: 1 },
      { le: 100, count: 3 },
    ];
    await noteStats(
      ledger,
      new Map([
        [one, stats(3, 0, fine)],
        [other, stats(2, 0, [{ le: 100, count: 2 }])],
      ]),
    );
    const probe = { ok: true, detail: '', atMs: 0, tookMs: 0, facts: { node: 'one', asked: 4, failed: 1, p50Ms: 9 } };
    const elsewhere = { ...probe, facts: { ...probe.facts, node: 'third' } };
    const cohort = cohortOf(ledger, ['one', 'other'], new Set(), { a: probe, b: elsewhere });
    assert.deepEqual(cohort.setup, [
      { le: 10, count: 1 },
      { le: 100, count: 5 },
    ]);
    assert.deepEqual(cohort.probes, { asked: 4, failed: 1, p50Ms: 9 });
  });
});

describe('reading what the edges recorded', () => {
  const nodes = [view('w', 'b1')];
  const sinceMs = Date.parse('2026-01-01T00:00:00Z');
  const signal = new AbortController().signal;
  /** One edge that keeps `items` under a boot. */
  const reader = (edge: { boot: string; items: ReattachRecords['items'] }) => {
    const reattached = async (_: string, after: number): Promise<ReattachRecords> => {
      const items = edge.items.filter(({ seq }) => seq > after);
      return { boot: edge.boot, next: edge.items.at(-1)?.seq ?? 0, gap: false, items };
    };
    return new ReattachReader({ reattached }, silentLogger);
  };

  it('begins where the deployment began, and goes on where another deploy worker stopped', async () => {
    const store = storeOf();
    const edge = { boot: 'b1', items: [item(1, '2026-01-01T00:00:01Z')] };
    await reader(edge).read({ ledger: await Ledger.open(store, 'd_1'), nodes, sinceMs, signal });
    edge.items.push(item(2, '2026-01-01T00:00:02Z'));
    const ledger = await Ledger.open(store, 'd_1');
    await reader(edge).read({ ledger, nodes, sinceMs, signal });
    assert.deepEqual(ledger.keys('r/'), ['r/b1/2']);
    Object.assign(edge, { boot: 'b9', items: [item(1, '2026-01-01T00:00:03Z')] });
    await reader(edge).read({ ledger, nodes, sinceMs, signal });
    assert.deepEqual(ledger.keys('r/'), ['r/b1/2', 'r/b9/1']);
  });

  it('takes of an edge that was silent at first only what it recorded since', async () => {
    const ledger = await Ledger.open(storeOf(), 'd_1');
    await reader({ boot: 'b1', items: [] }).read({ ledger, nodes: [], sinceMs, signal });
    const edge = { boot: 'b1', items: [item(1, '2025-12-31T23:59:59Z'), item(2, '2026-01-01T00:00:01Z')] };
    await reader(edge).read({ ledger, nodes, sinceMs, signal });
    assert.deepEqual(ledger.keys('r/'), ['r/b1/2']);
  });
});
