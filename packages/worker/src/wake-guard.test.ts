import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError, silentLogger } from '@culvert/base';
import { ManualClock } from '@culvert/mux/testing';
import { WakeGuard } from './wake-guard.ts';

/** Lets what was promised happen. */
const turn = () => new Promise(setImmediate);

/** A guard whose checks the test answers, one after the other. */
class Guarded implements Disposable {
  readonly clock = new ManualClock();
  readonly checks: PromiseWithResolvers<void>[] = [];
  readonly guard: WakeGuard;
  opened = 0;

  constructor() {
    this.guard = new WakeGuard({
      clock: this.clock,
      logger: silentLogger,
      random: () => 0.5,
      check: () => {
        const check = Promise.withResolvers<void>();
        this.checks.push(check);
        return check.promise;
      },
    });
    this.guard.start();
  }

  /** What a link does with each piece that it has read. */
  pass(): boolean {
    return this.guard.pass(this.clock.monotonic(), () => {
      this.opened += 1;
    });
  }

  async answer(check: number, error?: Error): Promise<void> {
    const asked = this.checks[check] ?? assert.fail('not asked');
    if (error === undefined) asked.resolve();
    else asked.reject(error);
    await turn();
  }

  [Symbol.dispose](): void {
    this.guard.close();
  }
}

describe('a worker that overslept', () => {
  it('holds every link until the check is done, and lets each go on once', async () => {
    using world = new Guarded();
    assert.equal(world.pass(), true);
    world.clock.sleep(2_000);
    assert.deepEqual([world.pass(), world.pass()], [false, false], 'the first byte that is read finds out');
    assert.deepEqual([world.guard.closed, world.checks.length, world.opened], [true, 1, 0]);
    await world.answer(0);
    assert.deepEqual([world.guard.closed, world.opened, world.pass()], [false, 2, true]);
  });

  it('finds out by itself as well, when nothing is read', () => {
    using world = new Guarded();
    world.clock.sleep(60_000);
    world.clock.advance(0);
    assert.deepEqual([world.guard.closed, world.checks.length], [true, 1]);
  });

  it('one that had its turns holds nothing, however long that goes on', () => {
    using world = new Guarded();
    world.clock.advance(3_600_000);
    assert.deepEqual([world.pass(), world.checks.length], [true, 0]);
  });

  it('a nap below the limit is none', () => {
    using world = new Guarded();
    world.clock.sleep(1_999);
    assert.deepEqual([world.pass(), world.checks.length], [true, 0]);
  });

  it('the registry cannot be asked: it asks again, and holds on', async () => {
    using world = new Guarded();
    world.clock.sleep(30_000);
    assert.equal(world.pass(), false);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await world.answer(attempt, new CulvertError('registry_unavailable'));
      assert.deepEqual([world.guard.closed, world.checks.length], [true, attempt + 1], 'not in the same moment');
      world.clock.advance(1_000);
      await turn();
      assert.equal(world.checks.length, attempt + 2);
    }
    await world.answer(5);
    assert.deepEqual([world.guard.closed, world.opened], [false, 1]);
  });

  it('frozen again while it checks: what was answered may be old, so it checks once more', async () => {
    using world = new Guarded();
    world.clock.sleep(30_000);
    world.pass();
    world.clock.sleep(30_000);
    world.pass();
    await world.answer(0);
    assert.deepEqual([world.guard.closed, world.checks.length, world.opened], [true, 2, 0]);
    await world.answer(1);
    assert.deepEqual([world.guard.closed, world.opened], [false, 2]);
  });

  it('that Redis is away is not sleeping', async () => {
    using world = new Guarded();
    // Nobody asks the registry anything: there is nothing that could fail, and nothing is held.
    for (let i = 0; i < 100; i += 1) {
      world.clock.advance(1_000);
      assert.equal(world.pass(), true);
    }
    assert.equal(world.checks.length, 0);
  });

  it('that is stopped lets go of everything, and watches no more', async () => {
    const world = new Guarded();
    world.clock.sleep(5_000);
    world.pass();
    world.guard.close();
    assert.deepEqual([world.opened, world.guard.closed], [1, false]);
    assert.equal(world.clock.next, undefined, 'no timer is left');
    await world.answer(0, new CulvertError('registry_unavailable'));
    world.clock.sleep(60_000);
    assert.equal(world.pass(), true);
  });
});
