import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import { Doorkeeper } from './doorkeeper.ts';

/** A door, the work behind it, which ends when the test says so, and a clock. */
function setUp() {
  let nowMs = 0;
  const clock = { now: () => nowMs, monotonic: () => nowMs, after: () => () => undefined };
  const door = new Doorkeeper({ clock, random: () => 0.5 });
  const works: (() => void)[] = [];
  const work = () => new Promise<string>((resolve) => works.push(() => resolve('done')));
  /** How one who comes now fares. */
  const come = async (): Promise<string | CulvertError> => {
    try {
      return await door.admit(work);
    } catch (error) {
      assert.ok(error instanceof CulvertError);
      return error;
    }
  };
  const crowd = (count: number) => Array.from({ length: count }, come);
  /** Ends all work, also that which begins thereby. */
  const finish = async (): Promise<void> => {
    for (let i = 0; i < works.length; i += 1) {
      works[i]?.();
      await new Promise(setImmediate);
    }
    works.length = 0;
  };
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return { crowd, come, door, finish, works, pass };
}

async function refused(one: Promise<string | CulvertError> | undefined): Promise<CulvertError> {
  const outcome = await one;
  assert.ok(outcome instanceof CulvertError, 'it was let in');
  return outcome;
}

describe('the door to placement', () => {
  it('lets in what is answered in time; the others wait, or are turned away at once', async () => {
    const { crowd, finish, works } = setUp();
    const all = crowd(1_020);
    await new Promise(setImmediate);
    assert.equal(works.length, 16);
    assert.equal((await refused(all.at(-1))).code, 'overloaded');
    await finish();
    const outcomes = await Promise.all(all);
    assert.equal(outcomes.filter((one) => one === 'done').length, 1_016);
  });

  it('spreads those whom it turns away the more, the more there are for each one served', async () => {
    const { crowd, come, finish, pass } = setUp();
    const waits = async (): Promise<number | undefined> => (await refused(come())).retryAfterSeconds;
    const first = crowd(1_016);
    assert.equal(await waits(), 5, 'half of one horizon');
    for (const one of crowd(3)) await refused(one);
    assert.equal(await waits(), 25, 'the fifth, and nobody served yet');
    for (const one of crowd(20)) await refused(one);
    assert.equal(await waits(), 30, 'never more than six');
    await finish();
    await Promise.all(first);
    const second = crowd(1_016);
    assert.equal(await waits(), 5, 'a thousand were served since');
    for (let i = 0; i < 12; i += 1) {
      pass(5_000);
      await refused(come());
    }
    for (const one of crowd(40)) await refused(one);
    assert.equal(await waits(), 30, 'which was long ago');
    await finish();
    await Promise.all(second);
  });

  it('does no work for whoever has gone before its turn', async () => {
    const { crowd, door, finish, works } = setUp();
    const first = crowd(16);
    let there = true;
    const late = door.admit(
      () => assert.fail('it was worked for'),
      () => !there,
    );
    await new Promise(setImmediate);
    there = false;
    await Promise.all([assert.rejects(late, { code: 'cancelled' }), finish()]);
    await Promise.all(first);
    assert.equal(works.length, 0);
  });

  it('a work that fails leaves its place to the next', async () => {
    const door = new Doorkeeper();
    const failures = Array.from({ length: 40 }, () => door.admit(() => Promise.reject(new Error('as told'))));
    for (const failure of failures) await assert.rejects(failure, /as told/);
    assert.equal(await door.admit(async () => 'done'), 'done');
  });
});
