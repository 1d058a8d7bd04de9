import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DeploymentForecast, DeploymentNode } from '@culvert/contracts';
import { loadOf, progressOf } from './progress.ts';
import { aDeployment, aNode, proof } from './testing.ts';
import { plannedSteps, trackOf } from './track.ts';

const forecast: DeploymentForecast = {
  nodes: [{ id: 'w-1', version: '1.0.0', replacement: 'w-1.x', wave: 1, sessions: 10, busy: 4, connections: 5 }],
  ...{ estimateMs: 20_000, sessions: [], warnings: [] },
};
const shown = (node: DeploymentNode, deployment = aDeployment()) =>
  trackOf(node, deployment).map(({ step, state }) => `${step} ${state}`);

describe('the track of a node', () => {
  it('is all still to come before its turn', () => {
    const track = trackOf(aNode(), aDeployment());
    assert.equal(track.length, 10);
    assert.ok(track.every(({ state }) => state === 'waiting'));
    assert.deepEqual([track[0]?.step, track.at(-1)?.step], ['prepare', 'analyze']);
  });

  it('is what was done, where it is, and what is to come', () => {
    const node = aNode({
      ...{ state: 'running', step: 'admit', deadlineAt: '2026-01-01T00:00:30.000Z' },
      evidence: [proof('prepare'), proof('verify')],
    });
    const stateless = aDeployment({ role: 'gateway' });
    assert.deepEqual(shown(node).slice(0, 4), ['prepare ok', 'verify ok', 'admit running', 'cordon waiting']);
    assert.equal(shown(node).length, 10);
    const { since, deadlineAt } = trackOf(node, aDeployment())[2] ?? {};
    assert.deepEqual([since, deadlineAt], [node.enteredAt, node.deadlineAt]);
    assert.deepEqual(shown({ ...node, step: 'busy' }, stateless), [
      ...['prepare ok', 'verify ok', 'busy running', 'verify_empty waiting', 'terminate waiting'],
    ]);
  });

  it('foresees nothing once it has left the planned way', () => {
    const drained = ['prepare', 'verify', 'admit', 'cordon'] as const;
    const back = aNode({ state: 'rolling_back', step: 'admit', evidence: drained.map((step) => proof(step)) });
    assert.deepEqual(shown(back).at(-1), 'admit running');
    assert.deepEqual(shown({ ...back, state: 'running' }).at(-1), 'admit running');
    assert.deepEqual(
      shown({ ...back, state: 'running', step: 'waiting' }),
      drained.map((step) => `${step} ok`),
    );
  });

  it('goes on when it is drained once more', () => {
    const again = aNode({
      ...{ state: 'running', step: 'cordon' },
      evidence: [proof('busy'), proof('verify_empty', 'failed')],
    });
    assert.deepEqual(shown(again), [
      ...['busy ok', 'verify_empty failed', 'cordon running', 'announce waiting', 'close_idle waiting', 'busy waiting'],
      ...['verify_empty waiting', 'terminate waiting', 'analyze waiting'],
    ]);
  });

  it('has nothing to come when it is finished', () => {
    assert.deepEqual(shown(aNode({ state: 'failed', step: 'done', evidence: [proof('prepare', 'timeout')] })), [
      ...['prepare timeout'],
    ]);
    assert.deepEqual(shown(aNode({ state: 'skipped', step: 'done' })), []);
  });

  it('has the order of its strategy', () => {
    const canary = aDeployment({ strategy: 'canary', forecast });
    assert.equal(plannedSteps(canary, 'w-1')[3], 'analyze');
    assert.equal(plannedSteps(canary, 'w-2')[3], 'cordon');
    assert.equal(plannedSteps(aDeployment({ strategy: 'blue-green' }), 'w-1').at(-2), 'warm');
    assert.equal(plannedSteps(aDeployment({ kind: 'rehearsal' }), 'w-1')[0], 'cordon');
  });
});

describe('progress', () => {
  it('is told by steps, with what is left if nothing is waited for', () => {
    const nodes = [aNode({ state: 'done', step: 'done' }), aNode({ state: 'running', step: 'announce' })];
    assert.deepEqual(progressOf(aDeployment({ nodes, forecast })), {
      share: 0.7,
      done: 1,
      nodes: 2,
      leftMs: 6_000.000000000001,
    });
    assert.deepEqual(progressOf(aDeployment()), { share: 0, done: 0, nodes: 0, leftMs: null });
  });

  it('is no promise while a person is waited for, or on the way back', () => {
    const nodes = [aNode({ state: 'running', step: 'announce' })];
    assert.equal(progressOf(aDeployment({ state: 'paused', nodes, forecast })).leftMs, null);
    const back = progressOf(
      aDeployment({ state: 'rolling_back', nodes: [aNode({ state: 'rolling_back', step: 'terminate' })] }),
    );
    assert.deepEqual([back.share, back.leftMs], [0, null]);
  });

  it('is whole when it is over, whatever came of it', () => {
    assert.deepEqual(progressOf(aDeployment({ state: 'aborted', nodes: [aNode()], forecast })), {
      ...{ share: 1, done: 0, nodes: 1, leftMs: null },
    });
  });

  it('tells what has left a node', () => {
    const node = aNode({ sessions: 3, busy: 2, connections: 4 });
    assert.deepEqual(loadOf(node, aDeployment({ forecast })), { busy: 2, idle: 1, gone: 7 });
    assert.deepEqual(loadOf(node, aDeployment({ forecast, role: 'gateway' })), { busy: 4, idle: 0, gone: 1 });
    assert.deepEqual(loadOf({ ...node, sessions: 12 }, aDeployment({ forecast })), { busy: 2, idle: 10, gone: 0 });
  });
});
