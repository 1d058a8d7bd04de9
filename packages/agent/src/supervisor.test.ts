import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CulvertError, type ErrorCode } from '@culvert/base';
import { LinkRefused } from '@culvert/link';
import { freshRequest } from '@culvert/mux/testing';
import { FakePending } from '../test/fakes.ts';
import { lost, offer, session, World } from '../test/world.ts';

test('opens the session, dials with its ticket, and tells the session before the link', async () => {
  const world = new World();
  await world.up();
  assert.equal(world.dials[0]?.url, 'ws://w1.test/link');
  assert.equal(world.dials[0]?.token, 'ticket-w1');
  assert.deepEqual(world.log.events, [
    {
      event: 'session.open',
      sessionId: 's_1',
      proxy: 'http://s_1:p%40ss%2Fword@gw.test:3128',
      pac: 'http://api.test/pac',
    },
    { event: 'link.up', sessionId: 's_1', node: 'w1', epoch: 10 },
  ]);
  assert.equal(world.supervisor.linked, true);
  world.supervisor.stop();
});

test('S1 S5: a cluster that is down, at start and later, is tried for ever, each time with a timer armed', async () => {
  const world = new World();
  world.supervisor.start();
  const delays: number[] = [];
  for (let i = 0; i < 12; i += 1) {
    await world.api(new CulvertError('api_unreachable', 'the API refuses connections'));
    const event = await world.log.next('retrying');
    assert.equal(event.attempt, i + 1);
    assert.equal(world.clock.armed, 1);
    delays.push(event.retryInMs);
    world.clock.advance(event.retryInMs);
  }
  // Half of the bound each, for the random number is 0.5: 250 ms doubling up to 15 s.
  assert.deepEqual(delays.slice(0, 8), [125, 250, 500, 1_000, 2_000, 4_000, 7_500, 7_500]);
  await world.api(session('s_1'));
  await world.worker('w1', 1);
  await world.log.next('session.open');
  world.supervisor.stop();
});

test('S5: every code that is not final is tried again, and Retry-After is the least delay, within a bound', async () => {
  const cases: [code: ErrorCode, retryAfterSeconds: number | undefined, least: number][] = [
    ['registry_unavailable', undefined, 0],
    ['no_worker_available', 5, 5_000],
    ['limit_exceeded', 30, 30_000],
    ['internal', 86_400, 60_000],
  ];
  for (const [code, retryAfterSeconds, least] of cases) {
    const world = new World();
    world.supervisor.start();
    await world.api(new CulvertError(code, 'no', retryAfterSeconds === undefined ? {} : { retryAfterSeconds }));
    const { retryInMs } = await world.log.next('retrying');
    assert.equal(retryInMs, least + 125, code);
    world.supervisor.stop();
  }
});

test('S5: a refused key, a wrong request or a closed session is the end', async () => {
  for (const [code, outcome] of [
    ['unauthenticated', 'key_refused'],
    ['key_expired', 'key_refused'],
    ['key_revoked', 'key_refused'],
    ['forbidden', 'key_refused'],
    ['invalid_request', 'rejected'],
    ['session_closed', 'session_ended'],
  ] as const) {
    const world = new World();
    world.supervisor.start();
    await world.api(new CulvertError(code, 'said the API'));
    assert.deepEqual(await world.supervisor.ended, { outcome, code, message: 'said the API' });
    assert.equal(world.clock.armed, 0);
  }
});

test('a lost link is replaced: a placement with the last epoch, elsewhere, and the session is not told again', async () => {
  const world = new World();
  const first = await world.up();
  first.end(lost);
  const down = await world.log.next('link.down');
  assert.deepEqual(down, { event: 'link.down', code: 'link_lost', message: 'the socket was closed', retryInMs: 125 });
  world.clock.advance(125);
  assert.deepEqual(await world.api(offer('w2')), { call: 'place', sessionId: 's_1', lastEpoch: 10, exclude: ['w1'] });
  await world.worker('w2', 11);
  await world.log.next('link.up');
  assert.deepEqual(world.log.names, ['session.open', 'link.up', 'link.down', 'link.up']);
  world.supervisor.stop();
});

test('a worker that ended the link in good order is not excluded; those that failed are, as long as there are others', async () => {
  const world = new World();
  const first = await world.up();
  first.end({ code: 'shutting_down', message: 'bye', final: false });
  world.clock.advance((await world.log.next('link.down')).retryInMs ?? 0);
  const asked = await world.api(offer('w2'));
  assert(asked.call === 'place');
  assert.deepEqual(asked.exclude, []);
  await world.workerFails(new CulvertError('timeout', 'no WELCOME'));
  world.clock.advance((await world.log.next('retrying')).retryInMs);
  const second = await world.api(new CulvertError('no_worker_available', 'none left'));
  assert(second.call === 'place');
  assert.deepEqual(second.exclude, ['w2']);
  const third = await world.api(offer('w2'));
  assert(third.call === 'place');
  assert.deepEqual(third.exclude, [], 'at once, without a pause');
  world.supervisor.stop();
});

test('workers that failed are avoided together, each for 10 s', async () => {
  const world = new World();
  const first = await world.up();
  first.end(lost);
  world.clock.advance((await world.log.next('link.down')).retryInMs ?? 0);
  await world.api(offer('w2'));
  await world.workerFails(new CulvertError('link_lost', 'cannot reach it'));
  world.clock.advance((await world.log.next('retrying')).retryInMs);
  const both = await world.api(offer('w3'));
  assert(both.call === 'place');
  assert.deepEqual(both.exclude, ['w1', 'w2']);
  const third = await world.worker('w3', 12);
  await world.log.next('link.up');
  world.clock.advance(10_000);
  third.end(lost);
  world.clock.advance((await world.log.next('link.down')).retryInMs ?? 0);
  const later = await world.api(offer('w1'));
  assert(later.call === 'place');
  assert.deepEqual(later.exclude, ['w3']);
  world.supervisor.stop();
});

test('a bad ticket does not blame the worker', async () => {
  const world = new World();
  world.supervisor.start();
  await world.api(session('s_1'));
  await world.workerFails(new LinkRefused({ code: 'ticket_expired', message: 'too late', final: false }));
  world.clock.advance((await world.log.next('retrying')).retryInMs);
  const asked = await world.api(offer('w1'));
  assert(asked.call === 'place');
  assert.deepEqual(asked.exclude, []);
  world.supervisor.stop();
});

test('a session that the cluster has forgotten is opened anew, and told when its id is another', async () => {
  const world = new World();
  const first = await world.up();
  first.end(lost);
  world.clock.advance((await world.log.next('link.down')).retryInMs ?? 0);
  await world.api(new CulvertError('session_not_found'));
  world.clock.advance((await world.log.next('retrying')).retryInMs);
  assert.deepEqual(await world.api(session('s_2')), { call: 'open' });
  await world.worker('w1', 1, 's_2'); // a new session starts its epochs anew
  const opened = await world.log.next('session.open');
  assert.equal(opened.sessionId, 's_2');
  world.supervisor.stop();
});

test('S3: a WELCOME with a lower epoch is dropped, one with the same or a higher is followed', async () => {
  const world = new World();
  const first = await world.up();
  first.end(lost);
  world.clock.advance((await world.log.next('link.down')).retryInMs ?? 0);
  await world.api(offer('w2'));
  const stale = await world.worker('w2', 9);
  const { code, message, retryInMs } = await world.log.next('retrying');
  assert.deepEqual([code, message], ['fenced', "the worker's epoch 9 is older than 10"]);
  assert.equal(stale.closedWith, 'fenced');
  world.clock.advance(retryInMs);
  await world.api(offer('w1'));
  await world.worker('w1', 10);
  await world.log.next('link.up');
  world.supervisor.stop();
});

test('S3: the name keeps its highest epoch when the session is opened anew under the same id', async () => {
  const world = new World();
  const first = await world.up();
  first.end(lost);
  world.clock.advance((await world.log.next('link.down')).retryInMs ?? 0);
  await world.api(new CulvertError('session_not_found'));
  world.clock.advance((await world.log.next('retrying')).retryInMs);
  await world.api(session('s_1', 'w2'));
  await world.worker('w2', 3);
  assert.equal((await world.log.next('retrying')).code, 'fenced');
  world.supervisor.stop();
});

test('a worker that greets as another session is dropped', async () => {
  const world = new World();
  world.supervisor.start();
  await world.api(session('s_1'));
  const link = await world.worker('w1', 1, 's_other');
  assert.equal((await world.log.next('retrying')).code, 'protocol_error');
  assert.equal(link.closedWith, 'protocol_error');
  assert.deepEqual(world.log.names, ['retrying']);
  world.supervisor.stop();
});

test('S4: a worker that asks to leave serves on until the newer link is up, and goes when it is empty', async () => {
  const world = new World();
  const first = await world.up();
  first.openStreams = 1;
  first.askToLeave();
  await world.log.next('link.leaving');
  assert.equal(world.clock.armed, 1);
  first.offer(new FakePending({ host: 'a.test', port: 80 }));
  await Promise.resolve();
  assert.equal(world.served.length, 1, 'served by the old link meanwhile');
  world.clock.advance(250);
  assert.deepEqual(await world.api(offer('w2')), { call: 'place', sessionId: 's_1', lastEpoch: 10, exclude: ['w1'] });
  const second = await world.worker('w2', 11);
  await world.log.next('link.up');
  assert.equal(first.closedWith, undefined, 'its connections go on');

  const late = new FakePending({ host: 'a.test', port: 80 });
  first.offer(late);
  assert.deepEqual(await late.answer.promise, {
    code: 'wrong_owner',
    message: 'the agent follows a newer owner of this session',
  });
  second.offer(new FakePending({ host: 'a.test', port: 80 }));
  await Promise.resolve();
  assert.equal(world.served.length, 2);

  first.empty();
  assert.equal(first.closedWith, 'shutting_down');
  await first.closed;
  assert.equal(world.supervisor.linked, true, 'the end of the old link changes nothing');
  world.supervisor.stop();
});

test('S4: the old worker saying `superseded` while the agent moves is no end; other final words are', async () => {
  for (const code of ['superseded', 'key_revoked'] as const) {
    const world = new World();
    const first = await world.up();
    first.askToLeave();
    world.clock.advance(250);
    await world.api(offer('w2'));
    first.end({ code, message: 'final', final: true });
    if (code === 'superseded') {
      await world.worker('w2', 11);
      await world.log.next('link.up');
      world.supervisor.stop();
    } else {
      assert.deepEqual(await world.supervisor.ended, { outcome: 'key_refused', code, message: 'final' });
    }
  }
});

test('S5: a final end of the current link ends the agent with its code', async () => {
  const world = new World();
  const link = await world.up();
  link.end({ code: 'superseded', message: 'a newer agent has the session', final: true });
  assert.deepEqual(await world.supervisor.ended, {
    outcome: 'session_ended',
    code: 'superseded',
    message: 'a newer agent has the session',
  });
  assert.equal((await world.log.next('link.down')).retryInMs, null);
  assert.equal(world.clock.armed, 0);
});

test('S5: so does a final refusal of the dial', async () => {
  const world = new World();
  world.supervisor.start();
  await world.api(session('s_1'));
  await world.workerFails(new LinkRefused({ code: 'session_closed', message: 'closed', final: true }));
  assert.deepEqual(await world.supervisor.ended, {
    outcome: 'session_ended',
    code: 'session_closed',
    message: 'closed',
  });
});

test('S6: the back-off starts over only after a link has held for a while', async () => {
  const world = new World();
  let link = await world.up();
  const delays: (number | null)[] = [];
  for (let epoch = 11; epoch < 14; epoch += 1) {
    link.end(lost);
    const { retryInMs } = await world.log.next('link.down');
    delays.push(retryInMs);
    world.clock.advance(retryInMs ?? 0);
    await world.api(offer('w1'));
    link = await world.worker('w1', epoch);
    await world.log.next('link.up');
  }
  assert.deepEqual(delays, [125, 250, 500]);
  world.clock.advance(999);
  link.end(lost);
  assert.equal((await world.log.next('link.down')).retryInMs, 1_000, 'not yet');
  world.clock.advance(1_000);
  await world.api(offer('w1'));
  link = await world.worker('w1', 14);
  await world.log.next('link.up');
  world.clock.advance(1_000);
  link.end(lost);
  assert.equal((await world.log.next('link.down')).retryInMs, 125);
  world.supervisor.stop();
});

test('an agent whose connections wait for a path does not let them wait for a long back-off', async () => {
  for (const waiting of [true, false]) {
    const world = new World();
    const link = await world.up();
    const { store } = world.streams;
    if (waiting) store.wait(store.pending(freshRequest(), 1_000).pending);
    link.end(lost);
    let { retryInMs } = await world.log.next('link.down');
    for (let attempt = 0; attempt < 8; attempt += 1) {
      world.clock.advance(retryInMs ?? 0);
      await world.api(new CulvertError('api_unreachable', 'no network'));
      ({ retryInMs } = await world.log.next('retrying'));
    }
    assert.equal(retryInMs, waiting ? 2_000 : 7_500);
    world.supervisor.stop();
  }
});

test('S2: an attempt that was overtaken by stop changes nothing, and its link is closed', async () => {
  const world = new World();
  world.supervisor.start();
  await world.api(session('s_1'));
  const arriving = world.worker('w1', 1);
  world.supervisor.stop();
  const link = await arriving;
  await link.closed;
  assert.equal(link.closedWith, 'cancelled');
  assert.deepEqual(await world.supervisor.ended, { outcome: 'stopped' });
  assert.deepEqual(world.log.names, []);
  assert.equal(world.clock.armed, 0);
});

test('an open that comes with the WELCOME is served once the link is known', async () => {
  const world = new World();
  world.supervisor.start();
  await world.api(session('s_1'));
  const arriving = world.worker('w1', 1);
  const link = await arriving;
  link.offer(new FakePending({ host: 'a.test', port: 80 }));
  assert.equal(world.served.length, 0);
  await world.log.next('link.up');
  assert.equal(world.served.length, 1);
  world.supervisor.stop();
});
