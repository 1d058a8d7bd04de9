import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DeploymentRequest, LiveNode } from '@culvert/contracts';
import { durationText, parseDuration } from './durations.ts';
import { requestRows } from './request-words.ts';
import { runningVersions } from './running-versions.ts';
import { aDeployment, aNode } from './testing.ts';
import { verbWords } from './verb-words.ts';
import { aimOf, isOver, stepWords, tally, tookMs, versionBefore } from './words.ts';

describe('a deployment in words', () => {
  it('says what goes where', () => {
    assert.equal(aimOf(aDeployment()), '2.0.0 for the workers of pool default');
    assert.equal(aimOf(aDeployment({ nodes: [aNode()] })), '2.0.0 for 1 worker of pool default');
    assert.equal(aimOf(aDeployment({ kind: 'rehearsal' })), 'Rehearsal on a worker of pool default');
    assert.equal(aimOf(aDeployment({ kind: 'rehearsal', nodes: [aNode()] })), 'Rehearsal on w-1');
  });

  it('counts its nodes, the finished ones first', () => {
    const states = ['waiting', 'running', 'done', 'done', 'rolled_back'] as const;
    const nodes = states.map((state) => aNode({ state }));
    assert.equal(tally(nodes), '2 done, 1 rolled back, 1 running, 1 waiting');
    assert.equal(tally([]), '');
  });

  it('goes on in a state that is not known', () => {
    assert.equal(isOver({ state: 'failed' }), true);
    assert.equal(isOver({ state: 'rolling_back' }), false);
    assert.equal(isOver({ state: 'levitating' as never }), false);
    assert.equal(stepWords('levitate' as never), '');
  });

  it('takes time until now, or until its end', () => {
    const begun = Date.parse('2026-01-01T00:00:00.000Z');
    assert.equal(tookMs(aDeployment(), begun + 5_000), 5_000);
    assert.equal(tookMs(aDeployment({ finishedAt: '2026-01-01T00:00:02.000Z' }), begun + 5_000), 2_000);
  });

  it('knows the version before only if it was one, and another', () => {
    assert.equal(versionBefore(aDeployment({ nodes: [aNode(), aNode()] })), '1.0.0');
    assert.equal(versionBefore(aDeployment({ nodes: [aNode(), aNode({ from: '0.9.0' })] })), undefined);
    assert.equal(versionBefore(aDeployment({ nodes: [aNode({ from: '2.0.0' })] })), undefined);
    assert.equal(versionBefore(aDeployment()), undefined);
  });
});

describe('a duration', () => {
  it('is read with its units, and no other way', () => {
    assert.deepEqual(['250ms', '2s', '10m', '1h 30m', '1.5 h', '2 min', '7d', '0s'].map(parseDuration), [
      ...[250, 2_000, 600_000, 5_400_000, 5_400_000, 120_000, 604_800_000, 0],
    ]);
    for (const wrong of ['', '10', 'm', '-5s', '10 minutes', '1e3s', '5s!'])
      assert.equal(parseDuration(wrong), undefined);
  });

  it('is written so that nothing is lost', () => {
    for (const ms of [0, 1, 250, 2_000, 61_000, 600_000, 5_400_000, 604_800_000, 90_061_001]) {
      assert.equal(parseDuration(durationText(ms)), ms, durationText(ms));
    }
    assert.equal(durationText(5_400_000), '1h 30m');
  });
});

describe('what a command will do', () => {
  it('says what breaks, and has it typed first', () => {
    const node = aNode({ state: 'running', step: 'busy', sessions: 2, connections: 3 });
    const { will, guard, danger } = verbWords('force', aDeployment({ nodes: [node] }), { node });
    assert.deepEqual(
      [guard, danger, will[0]],
      ['w-1', true, 'What is left on w-1 is closed now: 2 sessions with 3 connections.'],
    );
    const waits = ['1 connection of a browser'];
    assert.match(verbWords('force', aDeployment(), { node, waits }).will[0] ?? '', /now: 1 connection of a browser\.$/);
  });

  it('says how far it has come', () => {
    const nodes = [aNode({ state: 'done' }), aNode({ state: 'waiting' }), aNode({ state: 'waiting' })];
    const deployment = aDeployment({ nodes });
    assert.match(verbWords('abort', deployment).will[0] ?? '', /1 node replaced already, 2 nodes never touched/);
    assert.match(verbWords('rollback', deployment).will[1] ?? '', /^1 node gone already/);
    assert.equal(verbWords('rollback', aDeployment()).will[1], 'None is gone.');
    assert.match(verbWords('promote', deployment, { held: true }).will[0] ?? '', /3 nodes will be replaced/);
    assert.match(verbWords('promote', deployment).will[0] ?? '', /not watched any longer/);
  });
});

describe('the request in words', () => {
  it('tells what means something for it, and nothing else', () => {
    const { request } = aDeployment();
    const names = (changed: Partial<DeploymentRequest>) =>
      requestRows({ ...request, ...changed }).map(([name]) => name);
    assert.deepEqual(names({}), [
      ...['Version', 'Role', 'Pool', 'Strategy', 'Busy sessions', 'Batch', 'Watched for', 'Deadline'],
      ...['When it has passed', 'Node provider'],
    ]);
    assert.ok(names({ strategy: 'surge' }).includes('Surge'));
    const canary = requestRows({ ...request, canary: { tenants: ['a', 'b'], analyzeMs: 60_000 } });
    assert.deepEqual(new Map(canary).get('Canary'), 'new sessions of a, b, watched for 1m');
    assert.deepEqual(names({ kind: 'rehearsal', version: '' }).slice(0, 3), ['Role', 'Pool', 'Node']);
  });
});

describe('what runs now', () => {
  it('is told by role, pool and version, workers first, without the dead', () => {
    const node = (id: string, role: string, version: string, state = 'ready', sessions = 0) =>
      ({ id, role, version, state, sessions, pool: 'default' }) as LiveNode; // the rest is not looked at
    const rows = runningVersions([
      ...[node('g-1', 'gateway', '1.0.0'), node('w-2', 'worker', '2.0.0', 'ready', 4), node('w-0', 'worker', '1.0.0')],
      ...[node('w-1', 'worker', '2.0.0', 'cordoned', 3), node('w-9', 'worker', '0.9.0', 'dead', 9)],
    ]);
    assert.deepEqual(
      rows.map(({ role, version, sessions, nodes }) => [role, version, sessions, nodes.map(({ id }) => id).join(' ')]),
      [
        ['worker', '1.0.0', 0, 'w-0'],
        ['worker', '2.0.0', 7, 'w-1 w-2'],
        ['gateway', '1.0.0', 0, 'g-1'],
      ],
    );
  });
});
