import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CulvertError, silentLogger } from '@culvert/base';
import { Owner } from './owner.ts';

const SESSION = 's_0123456789abcdef';

function setup() {
  const world = { nowMs: 0, asked: 0, owner: 'w1' as string | Error };
  const route = async () => {
    world.asked += 1;
    if (world.owner instanceof Error) throw world.owner;
    return {
      url: `ws://${world.owner}.test`,
      ticket: `t${world.asked}`,
      node: world.owner,
      expiresAtMs: world.nowMs + 20_000,
    };
  };
  const api = { route, findByName: () => Promise.reject(new Error('not by name')) };
  return { world, owner: new Owner({ api, session: SESSION, logger: silentLogger, nowMs: () => world.nowMs }) };
}

test('an owner is taken for granted for a while, then looked up again; lookups at one time are one', async () => {
  const { world, owner } = setup();
  const found = await Promise.all([owner.find({ refresh: false }), owner.find({ refresh: false })]);
  assert.deepEqual(found[0]?.node, { id: 'w1', boot: '', link: 'ws://w1.test' });
  assert.deepEqual(found[0], found[1]);
  world.nowMs = 29_999;
  await owner.find({ refresh: false });
  assert.equal(world.asked, 1);
  world.nowMs = 30_000;
  await owner.find({ refresh: false });
  assert.equal(world.asked, 2);
});

test('while the API is away the last owner is used, however old, but not once it has proved wrong', async () => {
  const { world, owner } = setup();
  await owner.find({ refresh: false });
  world.owner = new CulvertError('api_unreachable', 'the API refuses connections');
  world.nowMs = 3_600_000;
  assert.equal((await owner.find({ refresh: false }))?.node.id, 'w1');
  await assert.rejects(owner.find({ refresh: true }), {
    code: 'session_offline',
    message: 'The owner of the session cannot be looked up: the API refuses connections',
    retryAfterSeconds: 1,
  });
});

test('a session that nobody serves is forgotten, not served from memory', async () => {
  const { world, owner } = setup();
  await owner.find({ refresh: false });
  world.owner = new CulvertError('session_not_found');
  assert.equal(await owner.find({ refresh: true }), undefined);
  assert.equal(await owner.find({ refresh: false }), undefined);
});

test('a ticket is used while it lives, then asked for anew, and only for the owner', async () => {
  const { world, owner } = setup();
  assert.equal(await owner.ticketFor('w1'), 't1');
  world.nowMs = 14_999;
  assert.equal(await owner.ticketFor('w1'), 't1');
  world.nowMs = 15_000;
  assert.equal(await owner.ticketFor('w1'), 't2');
  await assert.rejects(owner.ticketFor('w2'), { code: 'wrong_owner' });
});

test('close ends a lookup that hangs', async () => {
  const api = {
    route: (_id: string, signal: AbortSignal) =>
      new Promise<never>((_resolve, reject) => {
        if (signal.aborted) reject(signal.reason);
        else signal.addEventListener('abort', () => reject(signal.reason));
      }),
    findByName: () => Promise.reject(new Error('not by name')),
  };
  const owner = new Owner({ api, session: SESSION, logger: silentLogger, nowMs: () => 0 });
  const looking = owner.look();
  owner.close();
  await assert.rejects(looking, { code: 'shutting_down' });
});
