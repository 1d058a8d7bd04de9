import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Turnstile } from './turnstile.ts';

describe('the turnstile', () => {
  it('lets so many in, the others in order, and turns away who would be one too many', async () => {
    const turnstile = new Turnstile(2, 2);
    const inside: number[] = [];
    const leaves: (() => void)[] = [];
    const entering = [1, 2, 3, 4].map(async (who) => {
      const leave = (await turnstile.enter()) ?? assert.fail(`${who} was turned away`);
      inside.push(who);
      leaves.push(leave);
    });
    await setImmediate();
    assert.deepEqual(inside, [1, 2]);
    assert.equal(await turnstile.enter(), undefined);
    leaves.shift()?.();
    await setImmediate();
    assert.deepEqual(inside, [1, 2, 3]);
    leaves.shift()?.();
    await Promise.all(entering);
    assert.deepEqual(inside, [1, 2, 3, 4]);
  });

  it('gives a place that nobody waits for to the next who comes', async () => {
    const turnstile = new Turnstile(1, 1);
    (await turnstile.enter())?.();
    const leave = await turnstile.enter();
    assert.ok(leave);
    const waiting = turnstile.enter();
    leave();
    assert.ok(await waiting);
  });
});
