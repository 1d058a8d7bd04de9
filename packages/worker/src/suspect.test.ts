import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError, silentLogger } from '@culvert/base';
import { ManualClock } from '@culvert/mux/testing';
import { Suspect } from './suspect.ts';

/** Lets what was promised happen. */
const turn = () => new Promise(setImmediate);

/** A worker whose lease and whose checks the test decides. */
class Fenced {
  readonly clock = new ManualClock();
  readonly checks: (PromiseWithResolvers<void> & { readonly sinceMs: number })[] = [];
  readonly phases: string[] = [];
  readonly suspect: Suspect;
  lease: (held: boolean) => void = () => undefined;

  constructor() {
    this.suspect = new Suspect({
      presence: {
        onLease: (listener) => {
          this.lease = listener;
          return () => {
            this.lease = () => undefined;
          };
        },
      },
      check: (sinceMs) => {
        const check = { ...Promise.withResolvers<void>(), sinceMs };
        this.checks.push(check);
        return check.promise;
      },
      clock: this.clock,
      logger: silentLogger,
      random: () => 0.99,
    });
    this.suspect.onChange(({ phase }) => this.phases.push(phase));
  }
}

describe('a worker fences itself', () => {
  it('takes nothing before its first beat was accepted, and is not suspect for that', () => {
    const { suspect, lease } = new Fenced();
    assert.deepEqual([suspect.refusal()?.code, suspect.suspect], ['registry_unavailable', false]);
    lease(false);
    assert.equal(suspect.suspect, false);
    lease(true);
    assert.deepEqual([suspect.refusal(), suspect.suspect, suspect.reason], [undefined, false, undefined]);
  });

  it('is suspect from the moment its lease lapses until every session was checked', async () => {
    const { clock, suspect, checks, phases, lease } = new Fenced();
    lease(true);
    clock.advance(1_000);
    lease(false);
    clock.advance(7_000);
    const refusal = suspect.refusal();
    assert.deepEqual([refusal?.code, refusal?.status, refusal?.retryAfterSeconds], ['registry_unavailable', 503, 3]);
    assert.match(suspect.reason ?? '', /^suspect: cut off from the registry, .* since 7 s$/);
    lease(true);
    assert.deepEqual([suspect.suspect, checks.map(({ sinceMs }) => sinceMs)], [true, [1_000]]);
    assert.match(suspect.reason ?? '', /^suspect: .*checked/);
    checks[0]?.resolve();
    await turn();
    assert.deepEqual([suspect.suspect, suspect.refusal()], [false, undefined]);
    assert.deepEqual(phases, ['trusted', 'cut_off', 'checking', 'trusted']);
  });

  it('cut off again while it checks: what was answered may be old, so it checks once more', async () => {
    const { clock, suspect, checks, phases, lease } = new Fenced();
    lease(true);
    lease(false);
    lease(true);
    clock.advance(1_000);
    lease(false);
    checks[0]?.resolve();
    await turn();
    assert.equal(phases.at(-1), 'cut_off');
    lease(true);
    await turn();
    assert.equal(phases.at(-1), 'checking');
    checks[1]?.resolve();
    await turn();
    assert.deepEqual([phases.at(-1), suspect.suspect, checks.length], ['trusted', false, 2]);
  });

  it('a check that ends with the worker leaves it suspect, and hears of nothing any more', async () => {
    const world = new Fenced();
    world.lease(true);
    world.lease(false);
    world.lease(true);
    world.checks[0]?.reject(new CulvertError('shutting_down'));
    await turn();
    world.suspect.close();
    world.lease(false);
    assert.deepEqual([world.suspect.suspect, world.phases.at(-1)], [true, 'checking']);
  });
});
