import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Deployment, type DeploymentNode, LiveCluster } from '@culvert/contracts';
import { fillRequest, newDeployment } from '@culvert/service';
import { Value } from 'typebox/value';
import { statusAway } from '../registry-status.ts';
import { nodeView } from '../testing/node-view.ts';
import { nextMarks } from './byte-rates.ts';
import { clusterOf } from './cluster-view.ts';

const about = { atMs: 0, registry: statusAway('x'), deployment: undefined };

describe('the picture of the cluster', () => {
  const told = { busy: 2, bytesIn: 0, bytesOut: 0, problems: [], startedAt: 5 };
  const nodes = [
    nodeView('g1', { role: 'gateway', connections: 40, bytesIn: 0, bytesOut: 0 }),
    nodeView('old', { sessions: 10, connections: 3 }),
    nodeView('w1', { sessions: 7, connections: 5, ...told }),
    nodeView('w2', { sessions: 500, connections: 9, ...told, state: 'dead' }),
  ];
  const later = nodes.map((node) =>
    node.bytesIn === undefined ? node : { ...node, beatAt: 3_000, bytesIn: 2_000, bytesOut: 4_000 },
  );
  const cluster = clusterOf({ ...about, nodes: later, marks: nextMarks(nextMarks(new Map(), nodes), later) });
  const of = (id: string) => cluster.nodes.find((node) => node.id === id);

  it('is as the contract has it, also with nodes of an earlier release', () => {
    assert.deepEqual([...Value.Errors(LiveCluster, cluster)], []);
    assert.deepEqual(
      Object.keys(of('w1') ?? {}).toSorted(),
      Object.keys(LiveCluster.properties.nodes.items.properties).toSorted(),
    );
  });

  it('tells what each node told, and null for what it did not', () => {
    assert.partialDeepStrictEqual(of('w1'), { idle: 5, busy: 2, bytesInPerSecond: 1_000, bytesOutPerSecond: 2_000 });
    assert.partialDeepStrictEqual(of('old'), {
      idle: null,
      busy: null,
      bytesInPerSecond: null,
      bytesOutPerSecond: null,
    });
    assert.partialDeepStrictEqual(of('g1'), { idle: null, busy: null, bytesInPerSecond: 1_000 });
    assert.partialDeepStrictEqual(of('w2'), { bytesInPerSecond: null, health: { level: 'bad' } });
  });

  it('adds up workers that live: a gateway has the same connections again, the dead have none', () => {
    assert.deepEqual(cluster.totals, {
      ...{ sessions: 17, busy: 2, connections: 8, bytesInPerSecond: 1_000, bytesOutPerSecond: 2_000 },
    });
  });

  it('has the deployment that is under way, and how far it got', () => {
    const request = fillRequest({ version: '2' });
    const { deployment } = newDeployment({ request, createdBy: 'k', nowMs: 0, attended: true, id: 'd_1' }).view;
    const node: Omit<DeploymentNode, 'state'> = {
      ...{ id: 'w1', replacement: null, from: '1', to: '2', step: 'done', enteredAt: '', deadlineAt: null },
      ...{ sessions: 0, busy: 0, connections: 0, evidence: [] },
    };
    const states = ['done', 'skipped', 'running', 'waiting', 'failed'] as const;
    const nodes = states.map((state) => ({ ...node, state }));
    const running: Deployment = { ...deployment, state: 'running', nodes };
    const { deployments } = clusterOf({ ...about, nodes: [], marks: new Map(), deployment: running });
    assert.deepEqual(deployments, [
      { id: 'd_1', state: 'running', version: '2', role: 'worker', pool: 'default', done: 2, nodes: 5 },
    ]);
  });
});
