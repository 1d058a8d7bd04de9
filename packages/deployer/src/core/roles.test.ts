import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { request } from './testing/fixtures.ts';
import { SimRun } from './testing/sim-run.ts';

const MINUTE = 60_000;
const at = (step: string) => (run: SimRun) => run.state.units[0]?.step === step;

describe('gateways', () => {
  const gateways = () => new SimRun(request({ role: 'gateway', analyzeMs: 0 }), 2);

  it('each finishes what it has once its replacement serves', () => {
    const run = gateways();
    Object.assign(run.world.nodes.get('gateway-1') ?? {}, { busy: 20 });
    const order: string[] = [];
    run.carry = (effects) => {
      for (const { kind } of effects) if (order.at(-1) !== kind) order.push(kind);
      return effects;
    };
    run.run(10 * MINUTE);
    assert.equal(run.state.state, 'succeeded', run.state.reason ?? '');
    assert.deepEqual(order.slice(0, 4), ['launch', 'verify', 'retire', 'terminate']);
    assert.deepEqual(
      run.world.serving().map(({ version }) => version),
      ['2.0.0', '2.0.0'],
    );
  });

  it('rollback: who has retired cannot come back, so another takes its place, and it ends all the same', () => {
    const run = gateways();
    Object.assign(run.world.nodes.get('gateway-1') ?? {}, { busy: 200 });
    run.run(10 * MINUTE, at('busy')).run(1_000);
    run.command('rollback');
    run.run(10 * MINUTE);
    assert.equal(run.state.state, 'rolled_back', run.state.reason ?? '');
    assert.deepEqual(
      run.world.serving().map(({ version }) => version),
      ['1.0.0', '1.0.0'],
    );
    assert.equal(run.world.ofRole().filter((node) => node.isUp(run.world.nowMs)).length, 2);
  });
});

describe('a rehearsal', () => {
  const rehearsal = (node: string | null = null) => new SimRun(request({ kind: 'rehearsal', version: '', node }));

  it('empties one live worker and fills it again; no node comes or goes', () => {
    const run = rehearsal('worker-3');
    const kinds = new Set<string>();
    run.carry = (effects) => {
      for (const { kind } of effects) kinds.add(kind);
      return effects;
    };
    run.run(10 * MINUTE);
    assert.equal(run.state.state, 'succeeded', run.state.reason ?? '');
    assert.deepEqual(
      run.state.units.map(({ old }) => old.id),
      ['worker-3'],
    );
    assert.ok(!kinds.has('launch') && !kinds.has('terminate') && kinds.has('return') && kinds.has('receipt'));
    assert.equal(run.world.serving().length, 4);
    const steps = run.state.units[0]?.evidence.map(({ step }) => step);
    assert.deepEqual(steps, ['cordon', 'announce', 'close_idle', 'busy', 'verify_empty', 'admit', 'return', 'analyze']);
  });

  it('is refused for a node that is not there, and where there is no other', () => {
    const lonely = new SimRun(request({ kind: 'rehearsal', version: '' }), 1).run(2 * MINUTE);
    assert.match(lonely.state.reason ?? '', /there is no other worker/);
    assert.equal(rehearsal('worker-9').run(MINUTE).state.state, 'rejected');
  });

  it('that fails gives its worker back', () => {
    const run = rehearsal('worker-1');
    run.world.fault = 'under_load';
    run.run(10 * MINUTE);
    assert.equal(run.state.state, 'failed');
    assert.equal(run.world.nodes.get('worker-1')?.cordoned, false);
  });
});
