import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import type { NodeView } from '@culvert/registry';
import { LiveNodes } from './live-nodes.ts';

function node(id: string, more: Partial<NodeView> = {}): NodeView {
  return {
    ...{ id, boot: 'b', role: 'worker', version: '1', pool: 'default', host: 'h', pid: 1, admin: 'http://h:1' },
    ...{ proxy: `http://${id}:1`, link: `ws://${id}:1`, capacity: 100, state: 'ready', sessions: 0, connections: 0 },
    ...{ admissionRate: 100, cordoned: false, leaseAgeMs: 0 },
    ...more,
  };
}

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

  it('are asked for again once one has changed, also while they were asked for', async () => {
    const reads: PromiseWithResolvers<NodeView[]>[] = [];
    const listNodes = () => {
      const read = Promise.withResolvers<NodeView[]>();
      reads.push(read);
      return read.promise;
    };
    const nodes = new LiveNodes({ listNodes }, () => 0);
    const before = node('w1');
    const after = node('w1', { cordoned: true, state: 'cordoned' });
    const early = nodes.list();
    nodes.doubt();
    const late = nodes.list();
    assert.equal(reads.length, 2, 'what is under way may not know of it');
    reads[1]?.resolve([after]);
    reads[0]?.resolve([before]);
    assert.deepEqual([await early, await late], [[before], [after]]);
    assert.deepEqual([await nodes.get('w1'), await nodes.get('w2'), reads.length], [after, undefined, 2]);
    nodes.doubt();
    const asked = nodes.get('w1');
    nodes.doubt();
    reads[2]?.resolve([before]);
    await new Promise(setImmediate);
    reads[3]?.resolve([after]);
    assert.deepEqual([await asked, reads.length], [after, 4]);
  });

  it('tell the address of the load balancer that stands before all gateways', async () => {
    const { link: _link, ...linkless } = node('g2', { role: 'gateway' });
    const listNodes = async () => [gateway, linkless];
    const outside = { proxy: 'https://proxy.example:443', link: 'wss://link.example' };
    const nodes = new LiveNodes({ listNodes }, () => 0, outside);
    const seen = (await nodes.gateways()).map(({ proxy, link }) => ({ proxy, link }));
    assert.deepEqual(seen, [outside, { proxy: outside.proxy, link: undefined }]);
    assert.deepEqual((await nodes.list())[0], gateway, 'probes ask each gateway by its own');
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
