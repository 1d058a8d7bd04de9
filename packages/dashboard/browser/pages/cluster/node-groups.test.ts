import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LiveNode } from '@culvert/contracts';
import { groupNodes, titleOf } from './node-groups.ts';

function node(id: string, more: Partial<LiveNode> = {}): LiveNode {
  return {
    ...{ id, boot: 'b1', role: 'worker', version: '1', pool: 'default', state: 'ready', cordoned: false },
    ...{ sessions: 0, connections: 0, capacity: 10, admissionRate: 1, leaseAgeMs: 1, host: 'h', pid: 1 },
    ...{ proxy: null, link: null, admin: 'http://h', idle: 0, busy: 0, bytesInPerSecond: 0, bytesOutPerSecond: 0 },
    health: { level: 'ok', reasons: [] },
    ...more,
  } as LiveNode;
}

const shown = (nodes: readonly LiveNode[]) =>
  groupNodes(nodes).map((group) => `${titleOf(group)}: ${group.nodes.map(({ id }) => id).join(' ')}`);

describe('the nodes of the cluster page', () => {
  it('stand by role and pool: workers first, the default pool before the others', () => {
    const nodes = [
      node('api-1', { role: 'api' }),
      node('w-gpu', { pool: 'gpu' }),
      node('gateway-1', { role: 'gateway' }),
      node('worker-1'),
      node('w-arm', { pool: 'arm' }),
      node('deployer-1', { role: 'deployer' }),
    ];
    assert.deepEqual(shown(nodes), [
      'Workers: worker-1',
      'Workers of the pool arm: w-arm',
      'Workers of the pool gpu: w-gpu',
      'Gateways: gateway-1',
      'APIs: api-1',
      'Deploy workers: deployer-1',
    ]);
  });

  it('stand by name, numbers as numbers, whatever order they were told in', () => {
    const nodes = ['worker-10', 'worker-2', 'worker-1.k3f9', 'worker-1'].map((id) => node(id));
    const expected = ['Workers: worker-1 worker-1.k3f9 worker-2 worker-10'];
    assert.deepEqual(shown(nodes), expected);
    assert.deepEqual(shown(nodes.toReversed()), expected);
  });

  it('tell which versions run side by side, the commonest first', () => {
    const versions = ['1', '2', '2', '3'].map((version, index) => node(`w-${index}`, { version }));
    assert.deepEqual(groupNodes(versions)[0]?.versions, [
      { version: '2', nodes: 2 },
      { version: '1', nodes: 1 },
      { version: '3', nodes: 1 },
    ]);
  });
});
