import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DrainReport } from '@culvert/contracts';
import { type DrainOutlook, previewOf } from './drain-preview.ts';
import { nodeView } from './testing/node-view.ts';

const OFF: DrainReport = {
  ...{ state: 'off', stage: null, policy: null, deployment: null, fence: 0, orders: [] },
  ...{ idle: 412, busy: 7, connections: 20, direct: 3, longestMs: 38_200, unmovable: 0, sessions: [] },
};

function preview(report: Partial<DrainReport> = {}, more: Partial<DrainOutlook> = {}) {
  const node = nodeView('w1', { sessions: 419, capacity: 500 });
  const nodes = [
    node,
    nodeView('w2', { sessions: 50, capacity: 1_000 }),
    nodeView('w3', { sessions: 1, capacity: 1_000 }),
  ];
  return previewOf({ node, report: { ...OFF, ...report }, nodes, tenants: [], ...more });
}

describe('what a drain would do', () => {
  it('is told in one sentence', () => {
    const of = (report: Partial<DrainReport>) => preview(report).summary;
    assert.equal(of({}), '412 idle, 7 busy, longest 38 s; 3 on direct addresses will be waited for');
    assert.equal(of({ direct: 0, longestMs: 11 * 60_000 }), '412 idle, 7 busy, longest 11 min');
    assert.equal(of({ direct: 0, longestMs: 5 * 3_600_000 }), '412 idle, 7 busy, longest 5 h');
    assert.equal(of({ direct: 0, longestMs: null, busy: 0 }), '412 idle, 0 busy');
    assert.equal(of({ idle: 0, busy: 0, connections: 0, direct: 0, longestMs: null }), 'nothing is on it');
  });

  it('names the workers that could take its sessions, the one with the most room first', () => {
    assert.deepEqual(preview().targets, [
      { node: 'w3', room: 999 },
      { node: 'w2', room: 950 },
    ]);
    const nodes = [
      nodeView('cordoned', { state: 'cordoned' }),
      nodeView('dead', { state: 'dead' }),
      nodeView('full', { sessions: 100 }),
      nodeView('other', { pool: 'other' }),
      nodeView('g1', { role: 'gateway' }),
      nodeView('w1'),
    ];
    assert.deepEqual(preview({}, { nodes }).targets, []);
  });

  it('warns of what would keep it from being empty', () => {
    assert.deepEqual(preview({ direct: 0 }).warnings, []);
    assert.match(preview({ direct: 1 }).warnings.join(), /^1 connection uses this worker's own address/);
    assert.match(preview({ direct: 0, unmovable: 2 }).warnings.join(), /^2 connections cannot go on/);
    assert.match(
      preview({ direct: 0, state: 'draining', policy: 'wait' }).warnings.join(),
      /drains already, policy wait/,
    );
    const tight = { nodes: [nodeView('w2', { sessions: 90 })] };
    assert.match(preview({ direct: 0 }, tight).warnings.join(), /room for 10 of 419 sessions: 409 would stay/);
  });

  it('warns that a pool has no other worker, and whom that concerns', () => {
    const node = nodeView('w1', { pool: 'eu' });
    const tenants = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((id) => ({ id, pool: 'eu' }));
    const { warnings } = preview(
      { direct: 0 },
      { node, nodes: [node], tenants: [...tenants, { id: 'z', pool: null }] },
    );
    assert.equal(warnings.length, 2);
    assert.match(warnings[0] ?? '', /^No other worker of the pool eu is ready.*culvert worker --pool eu/);
    assert.equal(warnings[1], 'Pinned to the pool eu, and served nowhere else: a, b, c, d, e and 2 more.');
  });

  it('copes with a worker of an earlier release, which tells neither ages nor what cannot move', () => {
    const { longestMs: _longestMs, unmovable: _unmovable, ...old } = OFF;
    const node = nodeView('w1');
    const told = previewOf({ node, report: old, nodes: [node, nodeView('w2', { capacity: 1_000 })], tenants: [] });
    assert.equal(told.longestMs, null);
    assert.equal(told.summary, '412 idle, 7 busy; 3 on direct addresses will be waited for');
  });
});
