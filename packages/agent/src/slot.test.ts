import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CulvertError } from '@culvert/base';
import { LinkRefused } from '@culvert/link';
import { freshRequest } from '@culvert/mux/testing';
import { ManualClock } from '../test/fakes.ts';
import { lost, offer, session, World } from '../test/world.ts';
import { Slot } from './slot.ts';

// The agent's slot: when it dials the worker that it was sent to (S9 of supervisor.ts).

const later = (node: string, delayMs: number) => ({ ...offer(node), delayMs });

/** Lets everything run that waits for nothing but promises. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A stream of the session that has no path any more. */
function strand(world: World): void {
  const { store } = world.streams;
  store.wait(store.pending(freshRequest(), 1_000).pending);
  assert.equal(store.detached, 1);
}

test('S9: it dials in its slot, not before', async () => {
  const world = new World();
  world.supervisor.start();
  await world.api({ ...session('s_1'), link: later('w1', 4_000) });
  await settled();
  world.clock.advance(3_999);
  await settled();
  assert.equal(world.dials.length, 0);
  world.clock.advance(1);
  await settled();
  assert.equal(world.dials.length, 1);
  await world.worker('w1', 10);
  await world.log.next('link.up');
  world.supervisor.stop();
  assert.equal(world.clock.armed, 0);
});

test('S9: an agent that is stopped in front of its slot leaves no timer, and dials nobody', async () => {
  const world = new World();
  world.supervisor.start();
  await world.api({ ...session('s_1'), link: later('w1', 4_000) });
  await settled();
  assert.equal(world.clock.armed, 1);
  world.supervisor.stop();
  await settled();
  assert.equal(world.clock.armed, 0);
  assert.equal(world.dials.length, 0);
});

test('S9: with connections that wait it dials within a second', async () => {
  const world = new World();
  const first = await world.up();
  strand(world);
  first.end(lost);
  world.clock.advance((await world.log.next('link.down')).retryInMs ?? 0);
  await world.api(later('w2', 9_000));
  await settled();
  world.clock.advance(999);
  await settled();
  assert.equal(world.dials.length, 1);
  world.clock.advance(1);
  await settled();
  assert.equal(world.dials.length, 2);
  await world.worker('w2', 11);
  await world.log.next('link.up');
  world.supervisor.stop();
});

test('S9: so it does when the link that served meanwhile is lost; a slot that is nearer is kept', async () => {
  for (const [delayMs, leftMs] of [
    [9_000, 1_000],
    [700, 200],
  ] as const) {
    const world = new World();
    const first = await world.up();
    first.askToLeave({ target: 'w2', delayMs: 0 });
    world.clock.advance(0);
    await world.api(later('w2', delayMs));
    await settled();
    world.clock.advance(500);
    strand(world);
    first.end(lost);
    await world.log.next('link.down');
    world.clock.advance(leftMs - 1);
    await settled();
    assert.equal(world.dials.length, 1);
    world.clock.advance(1);
    await settled();
    assert.equal(world.dials.length, 2);
    await world.worker('w2', 11);
    await world.log.next('link.up');
    world.supervisor.stop();
  }
});

test('without connections that wait, a lost link hurries nobody', async () => {
  const world = new World();
  const first = await world.up();
  first.end(lost);
  world.clock.advance((await world.log.next('link.down')).retryInMs ?? 0);
  await world.api(later('w2', 9_000));
  await settled();
  world.clock.advance(8_999);
  await settled();
  assert.equal(world.dials.length, 1);
  world.supervisor.stop();
});

test('a worker, or an API, that admits no more agents now is not avoided: it is asked again after the time that it named', async () => {
  const world = new World();
  world.supervisor.start();
  await world.api(session('s_1'));
  await world.workerFails(new LinkRefused({ code: 'overloaded', message: 'too many', final: false }, 3));
  const first = await world.log.next('retrying');
  assert.deepEqual([first.code, first.retryInMs], ['overloaded', 3_125]);
  world.clock.advance(first.retryInMs);
  const asked = await world.api(new CulvertError('overloaded', 'too many', { retryAfterSeconds: 4 }));
  assert(asked.call === 'place');
  assert.deepEqual(asked.exclude, []);
  const second = await world.log.next('retrying');
  assert.equal(second.retryInMs, 4_250);
  world.supervisor.stop();
});

test('a slot that is aborted says why', async () => {
  const clock = new ManualClock();
  const abort = new AbortController();
  const waiting = new Slot(clock, 1_000).wait(abort.signal);
  abort.abort(new CulvertError('cancelled'));
  await assert.rejects(waiting, { code: 'cancelled' });
  assert.equal(clock.armed, 0);
  await assert.rejects(new Slot(clock, 1_000).wait(abort.signal), { code: 'cancelled' });
  assert.equal(clock.armed, 0);
});
