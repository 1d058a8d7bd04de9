import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aDeployment, aNode } from './testing.ts';
import { nodeVerbsOf, verbsOf } from './verbs.ts';

const HELD = { reasons: [{ code: 'held' }] } as never;

describe('what can be said to a deployment', () => {
  it('is nothing once it is over, or only its receipt is being made', () => {
    for (const state of ['succeeded', 'failed', 'aborted', 'rolled_back', 'rejected'] as const) {
      assert.deepEqual(verbsOf(aDeployment({ state })), [], state);
    }
    assert.deepEqual(verbsOf(aDeployment({ finishedAt: '2026-01-01T00:00:00.000Z' })), []);
  });

  it('is how it goes on, and how it goes back', () => {
    assert.deepEqual(verbsOf(aDeployment()), ['pause', 'rollback', 'abort']);
    assert.deepEqual(verbsOf(aDeployment({ state: 'pending', reason: 'waits for its turn' })), [
      ...['pause', 'rollback', 'abort'],
    ]);
    assert.deepEqual(verbsOf(aDeployment({ state: 'paused', reason: 'paused by k_1' })), [
      'resume',
      'rollback',
      'abort',
    ]);
    assert.deepEqual(verbsOf(aDeployment({ state: 'rolling_back', reason: 'x' })), ['pause']);
  });

  it('is promote, not resume, while it is held', () => {
    assert.deepEqual(verbsOf(aDeployment({ state: 'paused', reason: 'it is held' }), HELD), [
      ...['promote', 'rollback', 'abort'],
    ]);
  });

  it('is promote while something is watched or kept warm, and extend while something has a deadline', () => {
    const with_ = (step: 'analyze' | 'warm' | 'busy') =>
      verbsOf(aDeployment({ nodes: [aNode({ state: 'running', step })] }));
    assert.deepEqual(with_('analyze'), ['promote', 'pause', 'rollback', 'abort']);
    assert.deepEqual(with_('warm'), ['promote', 'pause', 'extend', 'rollback', 'abort']);
    assert.deepEqual(with_('busy'), ['pause', 'extend', 'rollback', 'abort']);
    assert.deepEqual(verbsOf(aDeployment({ nodes: [aNode({ state: 'done', step: 'busy' })] })), [
      ...['pause', 'rollback', 'abort'],
    ]);
  });

  it('is no second abort', () => {
    assert.deepEqual(verbsOf(aDeployment({ reason: 'aborted by k_1' })), ['pause', 'rollback']);
  });
});

describe('what can be said about a node', () => {
  const deployment = aDeployment();

  it('is skip, before it is ending', () => {
    assert.deepEqual(nodeVerbsOf(deployment, aNode()), ['skip']);
    assert.deepEqual(nodeVerbsOf(deployment, aNode({ state: 'running', step: 'verify' })), ['skip']);
    assert.deepEqual(nodeVerbsOf(deployment, aNode({ state: 'running', step: 'terminate' })), []);
    assert.deepEqual(nodeVerbsOf(deployment, aNode({ state: 'done', step: 'done' })), []);
  });

  it('is force while sessions are taken off it, also on the way back', () => {
    for (const step of ['announce', 'close_idle', 'busy', 'verify_empty'] as const) {
      assert.deepEqual(nodeVerbsOf(deployment, aNode({ state: 'running', step })), ['skip', 'force'], step);
    }
    const back = aDeployment({ state: 'rolling_back', reason: 'x' });
    assert.deepEqual(nodeVerbsOf(back, aNode({ state: 'rolling_back', step: 'busy' })), ['force']);
    assert.deepEqual(nodeVerbsOf(back, aNode({ state: 'rolling_back', step: 'waiting' })), []);
  });

  it('is nothing once the deployment is over, or being aborted', () => {
    const node = aNode({ state: 'waiting' });
    assert.deepEqual(nodeVerbsOf(aDeployment({ state: 'failed' }), node), []);
    assert.deepEqual(nodeVerbsOf(aDeployment({ reason: 'aborted by k_1' }), node), []);
  });
});
