import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CulvertError } from '@culvert/base';
import { LinkRefused } from '@culvert/link';
import type { FakeLink } from '../test/fakes.ts';
import { FakePending } from '../test/fakes.ts';
import { lost, offer, session, World } from '../test/world.ts';

// The invariants are those of standby.ts; what the supervisor makes of a standby is in here as well.

const standbyPlaced = (exclude: string[], lastEpoch = 10) => {
  return { call: 'place', sessionId: 's_1', lastEpoch, exclude, standby: true };
};
const placed = (more: object) => ({ call: 'place', sessionId: 's_1', lastEpoch: 10, ...more });

/** Served by w1 with epoch 10, and w2 stands by. */
async function both(): Promise<{ world: World; primary: FakeLink; standby: FakeLink }> {
  const world = new World({ links: 2 });
  const primary = await world.up();
  const standby = await standsBy(world, 'w2', standbyPlaced(['w1']));
  return { world, primary, standby };
}

/** The next look for a standby, which ends on that worker. */
async function standsBy(world: World, node: string, asked: object): Promise<FakeLink> {
  world.clock.advance(500);
  assert.deepEqual(await world.api(offer(node)), asked);
  const link = await world.worker(node, 0);
  assert.equal((await world.log.next('standby.up')).node, node);
  return link;
}

/** What an attempt came to is told through promises; of a failure of the same kind there is no event to wait for. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('one link is all there is unless two are asked for', async () => {
  const world = new World();
  await world.up();
  assert.equal(world.clock.armed, 1, 'only for how long the link holds');
  world.supervisor.stop();
});

test('a second worker stands by, and serves nothing', async () => {
  const { world, primary, standby } = await both();
  const pending = new FakePending({ host: 'a.test', port: 80 });
  standby.offer(pending);
  const answer = await pending.answer.promise;
  assert(answer !== 'accepted' && answer.code === 'wrong_owner');
  primary.offer(new FakePending({ host: 'a.test', port: 80 }));
  await Promise.resolve();
  assert.equal(world.served.length, 1);
  world.supervisor.stop();
  assert.deepEqual([primary.closedWith, standby.closedWith], ['shutting_down', 'shutting_down']);
  assert.equal(world.clock.armed, 0);
});

test('the first link is lost: the standby takes over at once, without a dial, and the next one is looked for', async () => {
  const { world, primary, standby } = await both();
  const dials = world.dials.length;
  primary.end(lost);
  assert.equal((await world.log.next('link.down')).retryInMs, 0);
  assert.deepEqual(standby.claims, [10]);
  // Opens may follow CLAIMED in the same message.
  standby.claimed(11);
  standby.offer(new FakePending({ host: 'a.test', port: 80 }));
  const up = await world.log.next('link.up');
  assert.deepEqual([up.node, up.epoch], ['w2', 11]);
  assert.equal(world.dials.length, dials);
  assert.equal(world.served.length, 1);
  const third = await standsBy(world, 'w3', standbyPlaced(['w2'], 11));
  standby.end(lost);
  await world.log.next('link.down');
  assert.deepEqual(third.claims, [11]);
  world.supervisor.stop();
});

test('S3: a claim that comes back with a lower epoch is dropped', async () => {
  const { world, primary, standby } = await both();
  primary.end(lost);
  await world.log.next('link.down');
  standby.claimed(9);
  const retrying = await world.log.next('retrying');
  assert.equal(retrying.code, 'fenced');
  assert.equal(standby.closedWith, 'fenced');
  world.clock.advance(retrying.retryInMs);
  assert.deepEqual(await world.api(offer('w3')), placed({ exclude: ['w1', 'w2'] }));
  world.supervisor.stop();
});

test('a standby that does not answer, or refuses, costs 2 s at most; then it goes the ordinary way, past both', async () => {
  for (const how of ['silent', 'refuses'] as const) {
    const { world, primary, standby } = await both();
    primary.end(lost);
    await world.log.next('link.down');
    if (how === 'refuses') standby.end({ code: 'limit_exceeded', message: 'full', final: false });
    else {
      world.clock.advance(1_999);
      assert.equal(standby.closedWith, undefined);
      world.clock.advance(1);
      assert.equal(standby.closedWith, 'timeout');
    }
    assert.deepEqual(await world.api(offer('w3')), placed({ exclude: ['w1', 'w2'] }));
    await world.worker('w3', 12);
    assert.equal((await world.log.next('link.up')).node, 'w3');
    world.supervisor.stop();
  }
});

test('stop does not wait for a claim', async () => {
  const { world, primary, standby } = await both();
  primary.end(lost);
  await world.log.next('link.down');
  world.supervisor.stop();
  assert.equal(standby.closedWith, 'cancelled');
  assert.deepEqual(await world.supervisor.ended, { outcome: 'stopped' });
  await standby.closed;
  assert.equal(world.clock.armed, 0);
});

test('a move goes to the standby when the worker advises it, or advises nothing; elsewhere when it says so', async () => {
  for (const target of ['w2', undefined, 'w3']) {
    const { world, primary, standby } = await both();
    primary.askToLeave(target === undefined ? undefined : { target, delayMs: 125 });
    await world.log.next('link.leaving');
    world.clock.advance(125);
    if (target === 'w3') {
      assert.deepEqual(standby.claims, []);
      assert.deepEqual(await world.api(offer('w3')), placed({ exclude: ['w1'], prefer: 'w3' }));
      await world.worker('w3', 11);
      assert.equal((await world.log.next('link.up')).node, 'w3');
      assert.equal(standby.closedWith, undefined, 'it stands by for the next owner');
    } else {
      assert.deepEqual(standby.claims, [10]);
      assert.equal(primary.left, 0);
      standby.claimed(11);
      assert.equal((await world.log.next('link.up')).node, 'w2');
      assert.equal(primary.left, 1);
    }
    assert.equal(primary.closedWith, 'shutting_down');
    world.supervisor.stop();
  }
});

test('B3: a standby that is lost, leaves or says final words is replaced, and the session does not notice', async () => {
  const { world, primary, standby } = await both();
  standby.end({ code: 'superseded', message: 'final', final: true });
  assert.deepEqual(await world.log.next('standby.down'), {
    event: 'standby.down',
    node: 'w2',
    code: 'superseded',
    message: 'final',
  });
  const next = await standsBy(world, 'w3', standbyPlaced(['w1', 'w2']));
  next.askToLeave();
  assert.equal((await world.log.next('standby.down')).code, 'draining');
  assert.equal(next.closedWith, 'shutting_down');
  world.clock.advance(2_000);
  assert.deepEqual(await world.api(new CulvertError('key_revoked')), standbyPlaced(['w1', 'w3']));
  await turn();
  world.clock.advance(2_000);
  assert.deepEqual(await world.api(offer('w2')), standbyPlaced(['w1']));
  await world.workerFails(new LinkRefused({ code: 'session_closed', message: 'no', final: true }));
  await turn();
  world.clock.advance(4_000);
  assert.deepEqual(await world.api(offer('w2')), standbyPlaced(['w1']));
  assert.equal(primary.closedWith, undefined);
  assert.equal(world.supervisor.linked, true);
  assert(!world.log.names.includes('link.down') && !world.log.names.includes('retrying'));
  world.supervisor.stop();
});

test('without a second worker it goes on looking, ever more slowly; the first loss is then an ordinary one', async () => {
  const world = new World({ links: 2 });
  const primary = await world.up();
  // Half of the bound each: 500 ms doubling up to 60 s. The first one is the moment after the link came up.
  for (const delayMs of [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
    const asked = world.api(new CulvertError('no_worker_available'));
    world.clock.advance(delayMs - 1);
    world.clock.advance(1);
    assert.deepEqual(await asked, standbyPlaced(['w1']));
    await turn();
  }
  primary.end(lost);
  const down = await world.log.next('link.down');
  assert.equal(down.retryInMs, 125);
  world.clock.advance(125);
  assert.deepEqual(await world.api(offer('w2')), placed({ exclude: ['w1'] }));
  world.supervisor.stop();
});

test('B4: a standby on the worker that serves, or one that claimed, is let go', async () => {
  for (const [node, epoch, code] of [
    ['w1', 0, 'shutting_down'],
    ['w2', 11, 'protocol_error'],
  ] as const) {
    const world = new World({ links: 2 });
    await world.up();
    world.clock.advance(250);
    await world.api(offer(node));
    const link = await world.worker(node, epoch);
    await link.closed;
    assert.equal(link.closedWith, code === 'shutting_down' ? 'no_worker_available' : code);
    assert(!world.log.names.includes('standby.up'));
    world.supervisor.stop();
  }
  const { world, primary, standby } = await both();
  primary.askToLeave({ target: 'w3', delayMs: 0 });
  world.clock.advance(0);
  await world.api(offer('w2')); // w3 has no room: the API sends to where the standby is
  await world.worker('w2', 11);
  await world.log.next('link.up');
  assert.equal(standby.closedWith, 'shutting_down');
  world.supervisor.stop();
});

test('B2: a standby that comes when none is wanted any more is closed', async () => {
  const world = new World({ links: 2 });
  await world.up();
  world.clock.advance(250);
  await world.api(offer('w2'));
  world.supervisor.stop();
  const link = await world.worker('w2', 0);
  await link.closed;
  assert.equal(link.closedWith, 'cancelled');
  assert.equal(world.clock.armed, 0);
});

test('a session that the cluster has forgotten needs no standby', async () => {
  const world = new World({ links: 2 });
  const primary = await world.up();
  primary.end(lost);
  world.clock.advance((await world.log.next('link.down')).retryInMs ?? 0);
  await world.api(new CulvertError('session_not_found'));
  const { retryInMs } = await world.log.next('retrying');
  assert.equal(world.clock.armed, 1, 'for the next attempt, and none for a standby');
  world.clock.advance(retryInMs);
  assert.deepEqual(await world.api(session('s_2')), { call: 'open' });
  await world.worker('w1', 1, 's_2');
  await world.log.next('link.up');
  world.clock.advance(500);
  assert.deepEqual(await world.api(offer('w2')), { ...standbyPlaced(['w1'], 1), sessionId: 's_2' });
  await world.worker('w2', 0, 's_2');
  await world.log.next('standby.up');
  world.supervisor.stop();
});
