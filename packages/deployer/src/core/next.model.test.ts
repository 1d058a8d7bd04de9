import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DeploymentVerb } from '@culvert/contracts';
import fc from 'fast-check';
import { isOver } from './ending.ts';
import { request } from './testing/fixtures.ts';
import { SimRun } from './testing/sim-run.ts';
import type { Fault } from './testing/sim-world.ts';
import type { Effect, Observation } from './types.ts';

const VERBS: readonly DeploymentVerb[] = [
  ...(['pause', 'resume', 'abort', 'promote', 'skip', 'rollback', 'extend', 'force'] as const),
];
const FAULTS: readonly Fault[] = ['none', 'none', 'none', 'no_start', 'no_verify', 'under_load'];

const setting = fc.record({
  strategy: fc.constantFrom('rolling' as const, 'surge' as const, 'blue-green' as const, 'canary' as const),
  role: fc.constantFrom('worker' as const, 'worker' as const, 'worker' as const, 'gateway' as const),
  kind: fc.constantFrom('release' as const, 'release' as const, 'release' as const, 'rehearsal' as const),
  policy: fc.constantFrom('move' as const, 'wait' as const),
  onDeadline: fc.constantFrom('pause' as const, 'extend' as const, 'force' as const, 'abort' as const),
  nodes: fc.integer({ min: 2, max: 5 }),
  batch: fc.integer({ min: 1, max: 3 }),
  analyzeMs: fc.constantFrom(0, 2_000),
  hold: fc.constantFrom(true, false, false, false, false),
  fault: fc.constantFrom(...FAULTS),
  stubborn: fc.boolean(),
});
type Setting = typeof setting extends fc.Arbitrary<infer T> ? T : never;

const wait = fc.integer({ min: 0, max: 12_000 });
const happening = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: wait }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('command' as const), verb: fc.constantFrom(...VERBS), nth: fc.nat(7) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), nth: fc.nat(7) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('uncordon' as const), nth: fc.nat(7) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose_redis' as const), ms: wait }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('absent' as const), ms: fc.integer({ min: 0, max: 200_000 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('blind' as const), part: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('lossy' as const), every: fc.nat(3) }) },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

/** Parts of what is observed, one of which is not to be had. */
const BLIND: readonly ((whole: Observation) => Partial<Observation>)[] = [
  () => ({}),
  () => ({ drains: {} }),
  () => ({ beliefs: {} }),
  ({ empty }) => ({
    empty: Object.fromEntries(Object.entries(empty).map(([id, seen]) => [id, { ...seen, gateways: null }])),
  }),
  () => ({ health: {}, empty: {} }),
  () => ({ provided: { error: 'it does not answer' } }),
  ({ cohorts }) => ({ cohorts: { ...cohorts, new: { ...cohorts.new, nodes: 0, asked: 0, opened: 0, failed: 0 } } }),
];

function begin(s: Setting): SimRun {
  const canary = s.strategy === 'canary' ? { percent: 30, analyzeMs: 3_000 } : null;
  const isPlain = s.role === 'gateway' || s.kind === 'rehearsal';
  const { role, policy, onDeadline, batch, hold } = s;
  const kind = role === 'gateway' ? 'release' : s.kind;
  const run = new SimRun(
    request({
      ...{ kind, role, policy, onDeadline, batch, hold, surge: 1, keepWarmMs: 3_000, deadlineMs: 8_000 },
      ...{ strategy: isPlain ? 'rolling' : s.strategy, canary: isPlain ? null : canary },
      ...{ analyzeMs: role === 'gateway' ? 0 : s.analyzeMs, version: kind === 'rehearsal' ? '' : '2.0.0' },
    }),
    s.nodes,
    12,
  );
  run.world.fault = kind === 'rehearsal' ? 'none' : s.fault;
  run.world.stubborn = s.stubborn;
  return run;
}

function happen(run: SimRun, what: Happening): void {
  const ids = run.world.ofRole().map(({ id }) => id);
  const nth = 'nth' in what ? ids[what.nth % ids.length] : undefined;
  switch (what.do) {
    case 'wait':
      run.run(what.ms);
      return;
    case 'command':
      run.command(what.verb, { node: 'nth' in what && what.nth < 4 ? (nth ?? null) : null });
      return;
    case 'kill':
      if (nth !== undefined && run.world.serving().length > 2) run.kill(nth);
      return;
    case 'uncordon': {
      const node = run.world.nodes.get(nth ?? '');
      if (node?.wasOpen && node.isUp(run.world.nowMs)) node.setCordoned(false, run.world.nowMs);
      return;
    }
    case 'lose_redis':
      run.world.recovering = true;
      run.run(what.ms);
      run.world.recovering = false;
      run.world.round += "'";
      return;
    case 'absent':
      run.absent(what.ms);
      return;
    case 'blind':
      run.blind = BLIND[what.part] ?? (() => ({}));
      run.run(1_000);
      return;
    case 'lossy': {
      let count = 0;
      const lossy = (effect: Effect) => {
        count += 1;
        return what.every > 0 && count % (what.every + 1) === 0 ? [] : [effect, effect];
      };
      run.carry = (effects) => effects.flatMap(lossy);
    }
  }
}

/** All is well again: it ends, or it waits for a person, who lets it go on, or calls it off. */
function settle(run: SimRun): void {
  run.blind = () => ({});
  run.carry = (effects) => effects;
  run.world.stubborn = false;
  run.command('promote');
  const rests = ({ state }: SimRun) => state.state === 'paused';
  for (const verb of ['resume', 'resume', 'promote', 'abort', 'resume', 'resume']) {
    run.run(300_000, rests);
    if (isOver(run.state)) break;
    if (rests(run)) run.command(verb);
    run.run(1_000);
  }
  run.run(300_000);
  const left = run.state.units.map(({ old, step, state }) => `${old.id} ${step} ${state}`).join(', ');
  assert.ok(
    isOver(run.state),
    `it does not end: ${run.state.state} ${run.state.reason} (${left}) ${JSON.stringify(run.last?.why)}`,
  );
  if (run.state.state === 'failed' || run.kills > 0) return;
  const isLeftOver = (node: { cordoned: boolean; retired: boolean }) => node.cordoned || node.retired;
  const leftOver = run.world.ofRole().filter((node) => node.isUp(run.world.nowMs) && isLeftOver(node));
  assert.deepEqual(
    leftOver.map(({ id }) => id),
    [],
    `${run.state.state}: these still take no sessions`,
  );
}

describe('any history', () => {
  it('keeps every promise, and comes to an end', () => {
    const property = fc.property(setting, fc.array(happening, { maxLength: 20 }), (s, happenings) => {
      const run = begin(s);
      for (const what of happenings) if (!isOver(run.state)) happen(run, what);
      settle(run);
    });
    fc.assert(property, { seed: 7, numRuns: 120, interruptAfterTimeLimit: 5_000 });
  });
});
