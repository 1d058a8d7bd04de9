import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError, silentLogger } from '@culvert/base';
import { ManualClock } from '@culvert/mux/testing';
import type { NodeView } from '@culvert/registry';
import { Peers } from './peers.ts';

const turn = () => new Promise(setImmediate);

const view = (id: string, over: Partial<NodeView> = {}): NodeView => ({
  ...{ id, boot: 'b', role: 'worker', version: '1', pool: 'default', host: 'h', pid: 1, admin: `http://${id}` },
  ...{ capacity: 1, admissionRate: 1, state: 'ready', sessions: 0, connections: 0, cordoned: false, leaseAgeMs: 0 },
  ...over,
});

function setUp() {
  const clock = new ManualClock();
  const world = { reads: 0, nodes: [view('w_1'), view('w_2')] as NodeView[] | CulvertError };
  const nodes = async (): Promise<NodeView[]> => {
    world.reads += 1;
    if (world.nodes instanceof CulvertError) throw world.nodes;
    return world.nodes;
  };
  const peers = new Peers({ selfId: 'w_1', nodes, clock, logger: silentLogger, random: () => 0.5 });
  const ids = (count = 9): string[] =>
    peers
      .some(count)
      .map(({ id }) => id)
      .sort();
  return { clock, world, peers, ids };
}

describe('peers', () => {
  it('are the other live workers and APIs: those whose readiness tells of the registry', async () => {
    const { world, peers, ids } = setUp();
    world.nodes = [
      ...[view('w_1'), view('w_2'), view('w_3', { state: 'dead' }), view('w_4', { state: 'draining' })],
      ...[view('g_1', { role: 'gateway' }), view('d_1', { role: 'deployer' }), view('a_1', { role: 'api' })],
    ];
    assert.deepEqual(ids(), [], 'before the first list has come');
    peers.start();
    await turn();
    assert.deepEqual(ids(), ['a_1', 'w_2', 'w_4']);
    assert.equal(ids(2).length, 2);
    await peers.close();
  });

  it('are read again from time to time, and stay known while the registry is away', async () => {
    const { clock, world, peers, ids } = setUp();
    peers.start();
    await turn();
    world.nodes = [view('w_5')];
    clock.advance(30_000);
    await turn();
    assert.deepEqual([world.reads, ids()], [2, ['w_5']]);
    world.nodes = new CulvertError('registry_unavailable');
    clock.advance(30_000);
    await turn();
    assert.deepEqual([world.reads, ids()], [3, ['w_5']]);
    world.nodes = [view('w_6')];
    clock.advance(1_000);
    await turn();
    assert.deepEqual([world.reads, ids()], [4, ['w_6']], 'a list that did not come is asked for again soon');
    await peers.close();
    assert.equal(clock.next, undefined, 'no timer is left');
  });
});
