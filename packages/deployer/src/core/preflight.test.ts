import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { replacementId } from './ids.ts';
import { begin, next } from './index.ts';
import { nodeView, observation, request, T0 } from './testing/fixtures.ts';
import { SimRun } from './testing/sim-run.ts';

const MINUTE = 60_000;

describe('preflight', () => {
  it('rejects at once where there is nothing to deploy to', () => {
    const state = begin({
      id: 'd_1',
      createdAtMs: T0,
      core: { request: request({ pool: 'nowhere' }), createdBy: 'k' },
    });
    const decision = next(state, observation({ nodes: [nodeView('worker-1')] }), T0);
    assert.equal(decision.state.state, 'rejected');
    assert.match(decision.state.reason ?? '', /no live worker in pool nowhere/);
    assert.equal(decision.tickAtMs, null);
    assert.deepEqual(decision.effects, []);
  });

  it('waits for a node that is not well, says so, and rejects after a minute', () => {
    const run = new SimRun(request());
    run.blind = ({ health }) => ({
      health: { ...health, 'worker-2': { ready: false, unreachable: false, reasons: ['redis is away'] } },
    });
    run.run(30_000);
    assert.equal(run.state.state, 'preflight');
    assert.equal(run.last?.why.reasons[0]?.condition, 'worker-2 is not ready: redis is away');
    run.run(MINUTE);
    assert.equal(run.state.state, 'rejected');
    assert.equal(run.world.ofRole().length, 4);
  });

  it('rejects when the sessions have no room', () => {
    const nodes = [
      nodeView('worker-1', { capacity: 10, sessions: 12 }),
      nodeView('worker-2', { capacity: 10, sessions: 9 }),
    ];
    const run = new SimRun(request());
    run.blind = () => ({
      nodes,
      health: Object.fromEntries(nodes.map(({ id }) => [id, { ready: true, unreachable: false, reasons: [] }])),
    });
    run.run(2 * MINUTE);
    assert.equal(run.state.state, 'rejected');
    assert.match(run.state.reason ?? '', /room for 1 sessions is missing/);
  });

  it('a dry run foretells, and touches nothing', () => {
    const run = new SimRun(request({ dryRun: true, batch: 2, policy: 'wait' }));
    run.carry = (effects) => assert.deepEqual(effects, []) ?? effects;
    const ofSession = { tenant: 'acme', name: null, node: 'worker-2' };
    run.blind = () => ({
      sessions: [
        { id: 's_1', ...ofSession, connections: 0 },
        { id: 's_2', ...ofSession, connections: 3 },
      ],
    });
    run.run(MINUTE);
    assert.equal(run.state.state, 'succeeded');
    const { forecast } = run.state;
    assert.deepEqual(
      forecast?.nodes.map(({ wave }) => wave),
      [1, 1, 2, 2],
    );
    assert.deepEqual(
      forecast?.sessions.map(({ id }) => id),
      ['s_2', 's_1'],
    );
    assert.ok((forecast?.estimateMs ?? 0) > 5_000);
  });

  it('leaves those alone that run the version already; a restart is of all', () => {
    const some = new SimRun(request({ version: '1.0.0' })).run(5_000);
    assert.equal(some.state.units.length, 4);
    assert.match(some.state.forecast?.warnings.join() ?? '', /started anew/);
    const nodes = [nodeView('worker-1', { version: '2.0.0' }), nodeView('worker-2')];
    const state = begin({ id: 'd_1', createdAtMs: T0, core: { request: request(), createdBy: 'k' } });
    const { units } = next(state, observation({ nodes }), T0).state;
    assert.deepEqual(
      units.map(({ old }) => old.id),
      ['worker-2'],
    );
  });

  it('with a window: nothing new is touched while it is closed, what is under way is finished', () => {
    const run = new SimRun(request({ inWindow: true }));
    run.world.windowOpen = false;
    run.run(10 * MINUTE);
    assert.equal(run.state.state, 'running');
    assert.equal(run.last?.why.reasons[0]?.code, 'window_closed');
    assert.equal(run.world.ofRole().length, 4);
    run.world.windowOpen = true;
    run.run(MINUTE, ({ state }) => state.units[0]?.step === 'busy');
    run.world.windowOpen = false;
    run.run(10 * MINUTE);
    assert.deepEqual(
      run.state.units.map(({ state }) => state === 'done'),
      [true, false, false, false],
    );
    run.world.windowOpen = true;
    assert.equal(run.run(10 * MINUTE).state.state, 'succeeded');
  });

  it('names replacements by their stem and four letters of the deployment', () => {
    const none = new Set<string>();
    const first = replacementId('worker-1', 'd_1', none);
    assert.match(first, /^worker-1\.[a-z0-9]{4}$/);
    assert.equal(replacementId('worker-1', 'd_1', none), first);
    assert.match(replacementId(first, 'd_2', none), /^worker-1\.[a-z0-9]{4}$/);
    assert.notEqual(replacementId('worker-1', 'd_1', new Set([first])), first);
  });
});
