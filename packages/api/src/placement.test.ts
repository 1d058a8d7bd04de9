import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import type { NodeView } from '@culvert/registry';
import { LiveNodes } from './live-nodes.ts';
import { chooseWorker, DEFAULT_POOL } from './placement.ts';

function node(id: string, more: Partial<NodeView> = {}): NodeView {
  return {
    ...{ id, boot: 'b', role: 'worker', version: '1', pool: DEFAULT_POOL, host: 'h', pid: 1, admin: 'http://h:1' },
    ...{ proxy: `http://${id}:1`, link: `ws://${id}:1`, capacity: 100, state: 'ready', sessions: 0, connections: 0 },
    ...{ cordoned: false, leaseAgeMs: 0 },
    ...more,
  };
}

const anywhere = { pool: DEFAULT_POOL, exclude: [] };

describe('choosing a worker', () => {
  it('takes the emptier of two, by the share of its capacity', () => {
    const nodes = [node('small', { capacity: 10, sessions: 5 }), node('big', { capacity: 1000, sessions: 50 })];
    for (const random of [0, 0.99]) assert.equal(chooseWorker(nodes, anywhere, () => random).id, 'big');
  });

  it('never takes one of no use', () => {
    const { link: _, ...unreachable } = node('unreachable');
    const useless = [
      ...(['booting', 'cordoned', 'draining', 'empty', 'suspect', 'dead'] as const).map((state) =>
        node(state, { state }),
      ),
      ...[node('gateway', { role: 'gateway' }), node('blue', { pool: 'blue' }), node('full', { sessions: 100 })],
      ...[node('excluded'), unreachable],
    ];
    const wish = { pool: DEFAULT_POOL, exclude: ['excluded'] };
    assert.throws(() => chooseWorker(useless, wish), { code: 'no_worker_available' });
    assert.equal(chooseWorker([...useless, node('good')], wish).id, 'good');
  });

  it('takes the preferred one, however full, unless it is of no use', () => {
    const nodes = [node('empty'), node('advised', { sessions: 99 }), node('full', { sessions: 100 })];
    for (const random of [0, 0.99]) {
      assert.equal(chooseWorker(nodes, { ...anywhere, prefer: 'advised' }, () => random).id, 'advised');
      for (const prefer of ['full', 'unknown']) {
        assert.equal(chooseWorker(nodes, { ...anywhere, prefer }, () => random).id, 'empty', prefer);
      }
      const wish = { pool: DEFAULT_POOL, exclude: ['advised'], prefer: 'advised' };
      assert.equal(chooseWorker(nodes, wish, () => random).id, 'empty');
    }
  });

  it('spreads sessions that are opened before the loads are told anew', () => {
    const nodes = ['a', 'b', 'c', 'd'].map((id) => node(id));
    const chosen = new Set(Array.from({ length: 200 }, () => chooseWorker(nodes, anywhere).id));
    assert.equal(chosen.size, 4);
  });
});

describe('the nodes an API remembers', () => {
  const gateway = node('g1', { role: 'gateway' });

  it('are asked for once by many, and again after half a second', async () => {
    let now = 0;
    let asked = 0;
    const listNodes = async () => {
      asked += 1;
      return [gateway];
    };
    const nodes = new LiveNodes({ listNodes }, () => now);
    await Promise.all([nodes.list(), nodes.list(), nodes.gateways()]);
    assert.equal(asked, 1);
    now += 500;
    await nodes.list();
    assert.equal(asked, 2);
  });

  it('still tell the gateways while Redis is away, for ten minutes; placements they do not answer', async () => {
    let now = 0;
    let up = true;
    const listNodes = async () => {
      if (!up) throw new CulvertError('registry_unavailable');
      return [gateway, node('g2', { role: 'gateway', state: 'draining' }), node('w1')];
    };
    const nodes = new LiveNodes({ listNodes }, () => now);
    const ids = async () => (await nodes.gateways()).map(({ id }) => id);
    assert.deepEqual(await ids(), ['g1']);
    up = false;
    now += 60_000;
    assert.deepEqual(await ids(), ['g1']);
    await assert.rejects(nodes.list(), { code: 'registry_unavailable' });
    now += 600_000;
    await assert.rejects(nodes.gateways(), { code: 'registry_unavailable' });
  });
});
