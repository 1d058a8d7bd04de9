import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { request } from './testing/fixtures.ts';
import { SimRun } from './testing/sim-run.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const stepOf = (run: SimRun, index = 0) => run.state.units[index]?.step;
const at = (step: string) => (run: SimRun) => stepOf(run) === step;
const serving = (run: SimRun) => run.world.serving().map(({ id }) => id);
const lastLog = (run: SimRun) => run.state.log.filter(({ kind }) => kind === 'command').at(-1)?.message ?? '';

describe('commands', () => {
  it('an hour of pause changes nothing: no effect, and no deadline has passed after it', () => {
    for (const step of ['prepare', 'busy', 'terminate']) {
      const run = new SimRun(request()).run(10 * MINUTE, at(step));
      run.command('pause');
      run.run(1_000);
      const ended = run.world.ended.length;
      const effects: unknown[] = [];
      run.carry = (list) => {
        effects.push(...list);
        return list;
      };
      run.run(HOUR);
      assert.equal(run.state.state, 'paused');
      assert.deepEqual(effects, []);
      assert.ok(run.world.ended.length <= ended + 1, 'only what had been told to end has ended');
      assert.equal(run.last?.why.reasons[0]?.code, 'paused');
      run.command('resume');
      run.run(10 * MINUTE);
      assert.equal(run.state.state, 'succeeded', `paused in ${step}: ${run.state.reason}`);
    }
  });

  it('the time of a pause is added to a deadline', () => {
    const run = new SimRun(request({ policy: 'wait' }));
    run.world.stubborn = true;
    run.run(10 * MINUTE, at('busy')).run(40_000);
    run.command('pause');
    run.run(HOUR);
    run.command('resume');
    run.run(15_000);
    assert.equal(run.state.state, 'running');
    run.run(10_000);
    assert.equal(run.state.state, 'paused');
  });

  it('held: the plan stands, and nothing is touched until it is promoted', () => {
    const run = new SimRun(request({ hold: true })).run(HOUR);
    assert.equal(run.state.state, 'paused');
    assert.equal(run.last?.why.reasons[0]?.code, 'held');
    run.command('resume');
    run.run(2_000);
    assert.match(lastLog(run), /promote lets it go on/);
    assert.equal(run.state.forecast?.nodes.length, 4);
    assert.equal(run.world.ofRole().length, 4);
    run.command('promote');
    assert.equal(run.run(10 * MINUTE).state.state, 'succeeded');
  });

  it('abort: the old node serves again, a new one that took nothing goes, what is done stays done', () => {
    const run = new SimRun(request()).run(10 * MINUTE, (one) => stepOf(one, 1) === 'verify');
    run.command('abort');
    run.run(MINUTE);
    assert.equal(run.state.state, 'aborted');
    assert.deepEqual(
      run.state.units.map(({ state }) => state),
      ['done', 'skipped', 'skipped', 'skipped'],
    );
    assert.equal(serving(run).length, 4);
    assert.equal(serving(run).filter((id) => id.includes('.')).length, 1);
  });

  it('abort while sessions are waited for: both nodes serve, and nobody is closed', () => {
    const run = new SimRun(request({ policy: 'wait' }));
    run.world.stubborn = true;
    run.run(10 * MINUTE, at('busy')).run(3_000);
    run.command('abort');
    run.run(MINUTE);
    assert.equal(run.state.state, 'aborted');
    assert.ok(serving(run).includes('worker-1'));
    assert.equal(serving(run).length, 5);
    assert.equal(run.world.nodes.get('worker-1')?.busy, 5);
  });

  it('rollback before anything was touched ends at once', () => {
    const run = new SimRun(request({ hold: true })).run(2_000);
    run.command('rollback');
    run.run(1_000);
    assert.equal(run.state.state, 'rolled_back');
    assert.equal(run.world.ofRole().length, 4);
  });

  it('rollback: who still runs serves first, who is gone is launched again in its old version', () => {
    const run = new SimRun(request()).run(10 * MINUTE, (one) => stepOf(one) === 'done' && stepOf(one, 1) === 'busy');
    run.command('rollback');
    const cordonedBeforeUncordon: string[] = [];
    let open = false;
    run.carry = (effects) => {
      for (const effect of effects) {
        if (effect.kind !== 'cordon') continue;
        if (!effect.on && effect.node === 'worker-2') open = true;
        else if (effect.on && !open) cordonedBeforeUncordon.push(effect.node);
      }
      return effects;
    };
    run.run(10 * MINUTE);
    assert.equal(run.state.state, 'rolled_back', run.state.reason ?? '');
    assert.deepEqual(cordonedBeforeUncordon, []);
    assert.deepEqual(
      run.world.serving().map(({ version }) => version),
      ['1.0.0', '1.0.0', '1.0.0', '1.0.0'],
    );
    assert.ok(serving(run).includes('worker-2'));
  });

  it('rollback: no new node is drained while an old one that runs does not serve yet', () => {
    const run = new SimRun(request({ policy: 'wait', batch: 2 }));
    run.world.stubborn = true;
    run.run(10 * MINUTE, (one) => stepOf(one) === 'busy' && stepOf(one, 1) === 'busy');
    run.command('rollback');
    const cordoned: string[] = [];
    run.carry = (effects) => {
      for (const effect of effects) if (effect.kind === 'cordon' && effect.on) cordoned.push(effect.node);
      return effects.filter((effect) => !(effect.kind === 'cordon' && effect.node === 'worker-1'));
    };
    run.run(10_000);
    assert.ok(serving(run).includes('worker-2'));
    assert.deepEqual(cordoned, []);
    run.carry = (effects) => effects;
    run.world.stubborn = false;
    assert.equal(run.run(10 * MINUTE).state.state, 'rolled_back');
  });

  it('the way back of blue-green takes one step: the old nodes are warm', () => {
    const run = new SimRun(request({ strategy: 'blue-green', keepWarmMs: HOUR })).run(10 * MINUTE, at('warm'));
    assert.equal(run.last?.why.reasons[0]?.code, 'keep_warm');
    const began = run.world.nowMs;
    run.command('rollback');
    run.run(MINUTE, () => ['worker-1', 'worker-2', 'worker-3', 'worker-4'].every((id) => serving(run).includes(id)));
    assert.ok(run.world.nowMs - began < 2_000);
    assert.equal(run.run(10 * MINUTE).state.state, 'rolled_back');
    assert.equal(serving(run).length, 4);
  });

  it('promote ends the time in which old nodes are kept', () => {
    const run = new SimRun(request({ strategy: 'blue-green', keepWarmMs: HOUR })).run(10 * MINUTE, at('warm'));
    run.command('promote');
    assert.equal(run.run(MINUTE).state.state, 'succeeded');
  });

  it('skip leaves one node alone, and goes on with the others', () => {
    const run = new SimRun(request()).run(10 * MINUTE, at('busy'));
    run.command('skip', { node: 'worker-1' });
    run.command('skip', { node: 'worker-4' });
    run.run(10 * MINUTE);
    assert.equal(run.state.state, 'succeeded');
    assert.deepEqual(
      run.state.units.map(({ state }) => state),
      ['skipped', 'done', 'done', 'skipped'],
    );
    assert.ok(serving(run).includes('worker-1') && serving(run).includes('worker-4'));
  });

  it('what makes no sense now is answered, not refused', () => {
    const run = new SimRun(request()).run(2_000);
    for (const [verb, answer] of [
      ['resume', /not paused/],
      ['promote', /nothing waits/],
      ['extend', /no node has a deadline/],
      ['force', /no node is being drained/],
      ['skip', /worker-9 is not/],
      ['dance', /does not know/],
    ] as const) {
      run.command(verb, verb === 'skip' ? { node: 'worker-9' } : {});
      run.run(100);
      assert.match(lastLog(run), answer);
    }
    run.forceOrdered = false;
    assert.equal(run.run(10 * MINUTE).state.state, 'succeeded');
  });
});

describe('the deadline of busy sessions', () => {
  const late = (onDeadline: 'pause' | 'extend' | 'force' | 'abort') => {
    const run = new SimRun(request({ policy: 'wait', onDeadline, deadlineMs: 20_000 }));
    run.world.stubborn = true;
    return run.run(10 * MINUTE, at('busy'));
  };

  it('pause: nobody is closed; it says who is waited for, and resume gives the time once more', () => {
    const run = late('pause').run(25_000);
    assert.equal(run.state.state, 'paused');
    assert.match(run.state.reason ?? '', /worker-1, busy: the deadline has passed/);
    assert.ok(run.last?.why.reasons.some(({ code, node }) => code === 'busy_sessions' && node === 'worker-1'));
    assert.equal(run.world.nodes.get('worker-1')?.busy, 5);
    run.command('resume');
    run.run(10_000);
    assert.equal(run.state.state, 'running');
    run.world.stubborn = false;
    assert.equal(run.run(10 * MINUTE).state.state, 'succeeded');
  });

  it('extend: again and again, within a bound', () => {
    const run = late('extend').run(150_000);
    assert.equal(run.state.state, 'running');
    run.run(100_000);
    assert.equal(run.state.state, 'paused');
  });

  it('force: only if the request says so', () => {
    const run = late('force');
    run.run(10 * MINUTE, ({ world }) => world.nodes.get('worker-1')?.forced === true);
    assert.equal(run.world.nodes.get('worker-1')?.forced, true);
    run.world.stubborn = false;
    assert.equal(run.run(10 * MINUTE).state.state, 'succeeded');
  });

  it('abort: the old node serves again', () => {
    const run = late('abort').run(MINUTE);
    assert.equal(run.state.state, 'aborted');
    assert.equal(run.world.nodes.get('worker-1')?.cordoned, false);
  });

  it('the command force closes what is left on one node, the command extend waits longer', () => {
    const run = late('pause').run(10_000);
    run.command('extend', { byMs: 5 * MINUTE });
    run.run(4 * MINUTE);
    assert.equal(run.state.state, 'running');
    run.command('force', { node: 'worker-1' });
    run.run(2_000);
    assert.equal(run.world.nodes.get('worker-1')?.forced, true);
  });
});
