import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { begin, concluded } from './index.ts';
import { request, T0 } from './testing/fixtures.ts';
import { SimRun } from './testing/sim-run.ts';
import type { Effect } from './types.ts';

const MINUTE = 60_000;
const at = (step: string) => (run: SimRun) => run.state.units[0]?.step === step;
const versions = (run: SimRun) => run.world.serving().map(({ version }) => version);
const OLD = ['1.0.0', '1.0.0', '1.0.0', '1.0.0'];

function kindsOf(run: SimRun): Set<string> {
  const kinds = new Set<string>();
  run.carry = (effects) => {
    for (const { kind } of effects) kinds.add(kind);
    return effects;
  };
  return kinds;
}

describe('a bad version is rolled back by itself', () => {
  it('does not start: its end is told, and nothing old was touched', () => {
    const run = new SimRun(request());
    run.world.fault = 'no_start';
    const kinds = kindsOf(run);
    run.run(MINUTE);
    assert.equal(run.state.state, 'rolled_back');
    assert.match(run.state.reason ?? '', /ended before it was ready: exit code 1: no such flag/);
    assert.ok(!kinds.has('cordon') && !kinds.has('drain'));
    assert.deepEqual(versions(run), OLD);
  });

  it('never becomes ready: a minute is enough', () => {
    const run = new SimRun(request());
    run.blind = ({ health }) => ({
      health: Object.fromEntries(Object.entries(health).filter(([id]) => !id.includes('.'))),
    });
    run.run(90_000);
    assert.equal(run.state.state, 'rolled_back');
    assert.deepEqual(versions(run), OLD);
    assert.equal(run.world.ofRole().filter((node) => node.isUp(run.world.nowMs)).length, 4);
  });

  it('fails its probes: the new node goes', () => {
    const run = new SimRun(request());
    run.world.fault = 'no_verify';
    const kinds = kindsOf(run);
    run.run(MINUTE);
    assert.equal(run.state.state, 'rolled_back');
    assert.match(run.state.reason ?? '', /failed its probes: CONNECT: 502/);
    assert.ok(!kinds.has('drain'));
    assert.equal(run.world.ended.length, 1);
  });

  it('fails under load: back to the old version, with a receipt', () => {
    const run = new SimRun(request());
    run.world.fault = 'under_load';
    const kinds = kindsOf(run);
    run.run(10 * MINUTE);
    assert.equal(run.state.state, 'rolled_back');
    assert.match(run.state.reason ?? '', /10 of 40 connections failed/);
    assert.deepEqual(versions(run), OLD);
    assert.ok(kinds.has('receipt'));
  });

  it('dies while it serves: the same', () => {
    const run = new SimRun(request()).run(10 * MINUTE, at('busy'));
    run.kill(run.state.units[0]?.replacement ?? '');
    run.run(10 * MINUTE);
    assert.equal(run.state.state, 'rolled_back', run.state.reason ?? '');
    assert.deepEqual(versions(run), OLD);
  });

  it('cannot be judged: it pauses and says why; promote goes on', () => {
    const run = new SimRun(request()).run(10 * MINUTE, at('analyze'));
    run.blind = ({ cohorts }) => ({ cohorts: { ...cohorts, new: { ...cohorts.new, nodes: 0 } } });
    run.run(MINUTE);
    assert.equal(run.state.state, 'paused');
    assert.match(run.state.reason ?? '', /inconclusive: 0 of 1 new nodes answered/);
    run.blind = () => ({});
    run.command('promote');
    assert.equal(run.run(10 * MINUTE).state.state, 'succeeded');
  });
});

describe('what is not seen is not so', () => {
  it('a gateway that does not acknowledge: no drain, a pause, and its name', () => {
    const run = new SimRun(request());
    run.blind = ({ beliefs }) => ({
      beliefs: Object.fromEntries(
        Object.keys(beliefs).map((id) => [id, [{ node: 'gw', role: 'gateway', cordoned: null }]]),
      ),
    });
    const kinds = kindsOf(run);
    run.run(MINUTE);
    assert.equal(run.state.state, 'paused');
    assert.ok(!kinds.has('drain'));
    assert.ok(run.last?.why.reasons.some(({ code, condition }) => code === 'gateway_ack' && condition.includes('gw')));
  });

  for (const part of ['worker', 'registry', 'gateways'] as const) {
    it(`nothing is ended while it is not known what the ${part} would say`, () => {
      const run = new SimRun(request());
      run.blind = ({ empty }) => ({
        empty: Object.fromEntries(Object.entries(empty).map(([id, seen]) => [id, { ...seen, [part]: null }])),
      });
      run.run(3 * MINUTE);
      assert.equal(run.state.state, 'paused');
      assert.match(run.state.reason ?? '', /verify_empty.*does not answer/);
      assert.deepEqual(run.world.ended, []);
    });
  }

  it('seen empty once is not enough', () => {
    const isSeen = ({ state }: SimRun) => typeof state.units[0]?.notes['step.emptyAtMs'] === 'number';
    const run = new SimRun(request()).run(10 * MINUTE, isSeen);
    const collects = () => run.tick().effects.some(({ kind }) => kind === 'collect');
    assert.ok(isSeen(run));
    assert.equal(collects(), false);
    run.absent(250);
    assert.equal(collects(), true);
  });

  for (const step of ['verify_empty', 'warm'] as const) {
    it(`somebody uncordons the old node in ${step}: it is drained once more before it is ended`, () => {
      const run = new SimRun(request({ strategy: 'blue-green', keepWarmMs: 5_000 })).run(10 * MINUTE, at(step));
      run.world.nodes.get('worker-1')?.setCordoned(false, run.world.nowMs);
      assert.equal(run.run(10 * MINUTE).state.state, 'succeeded', run.state.reason ?? '');
      assert.ok(run.state.units[0]?.evidence.some(({ detail }) => detail === 'worker-1 takes sessions again'));
    });
  }

  it('an effect that gets lost is decided on again, under the same key', () => {
    const run = new SimRun(request());
    let count = 0;
    const lossy = (effect: Effect) => {
      count += 1;
      return count % 3 === 0 ? [effect] : [];
    };
    run.carry = (effects) => effects.flatMap(lossy);
    assert.equal(run.run(10 * MINUTE).state.state, 'succeeded', run.state.reason ?? '');
  });

  it('an old node that dies has nothing left to drain', () => {
    const run = new SimRun(request()).run(10 * MINUTE, at('close_idle'));
    run.kill('worker-1');
    run.run(10 * MINUTE);
    assert.equal(run.state.state, 'succeeded', run.state.reason ?? '');
    assert.ok(run.state.units[0]?.evidence.some(({ facts }) => facts.died === true));
  });
});

describe('Redis', () => {
  it('that is being told again is not acted on', () => {
    const run = new SimRun(request()).run(10 * MINUTE, at('busy'));
    run.world.recovering = true;
    const kinds = kindsOf(run);
    const before = run.state;
    run.run(5_000);
    assert.deepEqual([...kinds], []);
    assert.deepEqual(run.state, before);
    assert.equal(run.last?.why.reasons[0]?.code, 'recovering');
    run.world.recovering = false;
    run.world.round = 'r2';
    assert.equal(run.run(10 * MINUTE).state.state, 'succeeded');
    assert.ok(run.state.log.some(({ message }) => message.startsWith('Redis was lost')));
  });

  it('that had lost the deployment: nothing is touched until it is resumed', () => {
    for (const step of ['verify', 'busy', 'verify_empty', 'terminate']) {
      const run = new SimRun(request()).run(10 * MINUTE, at(step));
      run.world.round = 'r2';
      run.world.results.clear();
      run.state = begin({
        id: 'd_1',
        createdAtMs: T0,
        core: { ...run.state, notes: { ...run.state.notes, restored: true } },
      });
      const kinds = kindsOf(run);
      run.run(MINUTE);
      assert.equal(run.state.state, 'paused');
      assert.equal(run.last?.why.reasons[0]?.code, 'restored');
      assert.deepEqual([...kinds], []);
      run.command('resume');
      assert.equal(run.run(10 * MINUTE).state.state, 'succeeded', `restored in ${step}: ${run.state.reason}`);
    }
  });

  it('nobody was there for ten minutes: no deadline has passed', () => {
    const run = new SimRun(request());
    run.carry = () => [];
    run.run(MINUTE, at('prepare')).absent(10 * MINUTE);
    run.carry = (effects) => effects;
    assert.equal(run.run(10 * MINUTE).state.state, 'succeeded', run.state.reason ?? '');
  });
});

describe('the end', () => {
  it('waits for the receipt, which tells of it as it will be', () => {
    const run = new SimRun(request());
    let told: string | undefined;
    run.carry = (effects) => {
      if (effects.some(({ kind }) => kind === 'receipt')) told ??= concluded(run.state).state;
      return effects;
    };
    run.run(10 * MINUTE);
    assert.equal(told, 'succeeded');
    assert.equal(run.state.state, 'succeeded');
    assert.notEqual(run.state.finishedAtMs, null);
  });
});
