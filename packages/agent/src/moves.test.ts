import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CulvertError } from '@culvert/base';
import { FakePending } from '../test/fakes.ts';
import { lost, offer, session, World } from '../test/world.ts';

// What a worker's asking to leave comes to; the invariants are those of supervisor.ts.

const placed = (more: object) => ({ call: 'place', sessionId: 's_1', lastEpoch: 10, exclude: ['w1'], ...more });

test('S8: advice is followed when it says, to where it says, and the old link serves meanwhile', async () => {
  const world = new World();
  const first = await world.up();
  first.askToLeave({ target: 'w3', delayMs: 4_000 });
  await world.log.next('link.leaving');
  world.clock.advance(3_999);
  assert.equal(world.supervisor.linked, true);
  first.offer(new FakePending({ host: 'a.test', port: 80 }));
  await Promise.resolve();
  assert.equal(world.served.length, 1);
  const asked = world.api(offer('w3'));
  world.clock.advance(1);
  assert.deepEqual(await asked, placed({ prefer: 'w3' }));
  await world.worker('w3', 11);
  await world.log.next('link.up');
  assert.equal(first.closedWith, 'shutting_down');
  world.supervisor.stop();
});

test('S4: all streams leave the older link when the newer one is up, not before', async () => {
  const world = new World();
  const first = await world.up();
  first.openStreams = 2;
  first.askToLeave();
  world.clock.advance(250);
  await world.api(offer('w2'));
  assert.equal(first.left, 0);
  await world.worker('w2', 11);
  await world.log.next('link.up');
  assert.equal(first.left, 1);
  assert.equal(first.closedWith, undefined, 'edges may be on their way yet');
  first.empty();
  assert.equal(first.closedWith, 'shutting_down');
  await first.closed;
  assert.equal(world.clock.armed, 1, 'only for how long the newer link holds');
  world.supervisor.stop();
});

test('stop lets go of an older link that is not empty, and of its deadline', async () => {
  const world = new World();
  const first = await world.up();
  first.openStreams = 1;
  first.askToLeave();
  world.clock.advance(250);
  await world.api(offer('w2'));
  await world.worker('w2', 11);
  await world.log.next('link.up');
  world.supervisor.stop();
  assert.equal(first.closedWith, 'shutting_down');
  assert.equal(world.clock.armed, 0);
});

test('S4: an older link that does not get empty is left again and closed; one that knows of no resuming is waited for', async () => {
  for (const resumable of [true, false]) {
    const world = new World();
    const first = await world.up();
    if (!resumable) Object.assign(first.welcome, { features: 0 });
    first.openStreams = 1;
    first.askToLeave();
    world.clock.advance(250);
    await world.api(offer('w2'));
    await world.worker('w2', 11);
    await world.log.next('link.up');
    world.clock.advance(14_999);
    assert.equal(first.closedWith, undefined);
    world.clock.advance(1);
    assert.equal(first.closedWith, resumable ? 'shutting_down' : undefined);
    assert.equal(first.left, resumable ? 2 : 1);
    world.supervisor.stop();
    assert.equal(first.closedWith, 'shutting_down', 'nothing is left behind');
  }
});

test('S4: as long as no other worker takes the session, the old link stays and is never asked for again', async () => {
  const world = new World();
  const first = await world.up();
  first.askToLeave({ target: 'w2', delayMs: 0 });
  await world.log.next('link.leaving');
  world.clock.advance(0);
  for (let i = 0; i < 5; i += 1) {
    assert.deepEqual(await world.api(new CulvertError('no_worker_available')), placed({ prefer: 'w2' }));
    world.clock.advance((await world.log.next('retrying')).retryInMs);
  }
  assert.equal(first.closedWith, undefined);
  assert.equal(world.supervisor.linked, true);
  // An API that has lost its memory does not make the agent forget what still serves.
  await world.api(new CulvertError('session_not_found'));
  world.clock.advance((await world.log.next('retrying')).retryInMs);
  assert.deepEqual(await world.api(offer('w2')), placed({ prefer: 'w2' }));
  await world.worker('w2', 11);
  await world.log.next('link.up');
  world.supervisor.stop();
});

test('S8: later advice replaces the earlier; asking again without any changes nothing', async () => {
  const world = new World();
  const first = await world.up();
  first.askToLeave({ target: 'w2', delayMs: 5_000 });
  await world.log.next('link.leaving');
  first.askToLeave();
  world.clock.advance(1_000);
  first.askToLeave({ target: 'w3', delayMs: 6_000 });
  await world.log.next('link.leaving');
  world.clock.advance(5_999);
  assert.deepEqual(world.log.names.slice(2), ['link.leaving', 'link.leaving']);
  const asked = world.api(offer('w3'));
  world.clock.advance(1);
  assert.deepEqual(await asked, placed({ prefer: 'w3' }));
  // While an attempt is under way it counts for the next one.
  first.askToLeave({ target: 'w4', delayMs: 9_000 });
  await world.workerFails(new CulvertError('timeout', 'no WELCOME'));
  world.clock.advance((await world.log.next('retrying')).retryInMs);
  assert.deepEqual(await world.api(offer('w4')), placed({ prefer: 'w4', exclude: ['w3', 'w1'] }));
  world.supervisor.stop();
});

test('S8: a worker that could not be reached is not preferred again', async () => {
  const world = new World();
  const first = await world.up();
  first.askToLeave({ target: 'w2', delayMs: 0 });
  world.clock.advance(0);
  assert.deepEqual(await world.api(offer('w2')), placed({ prefer: 'w2' }));
  await world.workerFails(new CulvertError('link_lost', 'cannot reach it'));
  world.clock.advance((await world.log.next('retrying')).retryInMs);
  assert.deepEqual(await world.api(offer('w3')), placed({ exclude: ['w2', 'w1'] }));
  world.supervisor.stop();
});

test('S4: when the old link is lost while it is to be replaced, nothing is put off any longer', async () => {
  const world = new World();
  const first = await world.up();
  first.askToLeave({ target: 'w2', delayMs: 600_000 });
  await world.log.next('link.leaving');
  first.end(lost);
  const down = await world.log.next('link.down');
  assert.equal(down.retryInMs, 125);
  assert.equal(world.supervisor.linked, false);
  world.clock.advance(125);
  assert.deepEqual(await world.api(offer('w2')), placed({ prefer: 'w2' }));
  await world.worker('w2', 11);
  await world.log.next('link.up');
  world.supervisor.stop();
});

test('S1: advice far in the future is not waited for longer than an hour', async () => {
  const world = new World();
  const first = await world.up();
  first.askToLeave({ target: 'w2', delayMs: 4_294_967_295 });
  await world.log.next('link.leaving');
  const asked = world.api(offer('w2'));
  world.clock.advance(3_600_000);
  assert.deepEqual(await asked, placed({ prefer: 'w2' }));
  world.supervisor.stop();
});

test('S7: the streams end with the session: when it has become another one, and when the agent ends', async () => {
  const broken: string[] = [];
  const watched = (world: World) => {
    world.streams.breakOff = (code) => void broken.push(code);
    return world;
  };
  const world = watched(new World());
  const first = await world.up();
  assert.deepEqual(broken.splice(0), ['session_closed'], 'the first session is another one, too');
  first.end(lost);
  world.clock.advance((await world.log.next('link.down')).retryInMs ?? 0);
  assert.equal(broken.length, 0, 'a lost link breaks nothing off');
  await world.api(new CulvertError('session_not_found'));
  world.clock.advance((await world.log.next('retrying')).retryInMs);
  await world.api(session('s_2'));
  const second = await world.worker('w1', 1, 's_2');
  await world.log.next('session.open');
  assert.deepEqual(broken.splice(0), ['session_closed']);
  second.end({ code: 'superseded', message: 'a newer agent', final: true });
  await world.supervisor.ended;
  assert.deepEqual(broken.splice(0), ['superseded']);

  const stopped = watched(new World());
  const link = await stopped.up();
  broken.splice(0);
  stopped.streams.breakOff = (code) => broken.push(code, String(link.closedWith));
  stopped.supervisor.stop();
  assert.deepEqual(broken, ['shutting_down', 'undefined'], 'before its link is closed');
});
