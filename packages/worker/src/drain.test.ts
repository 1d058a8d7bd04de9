import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import { MOVES_PER_SECOND } from './plan-moves.ts';
import { Draining, turn, worker } from './testing/draining.ts';
import { FrameEdge, LinkStandIn, ticketOf } from './testing/world.ts';

const SLOT_MS = 1_000 / MOVES_PER_SECOND;
const ROUND_MS = 5_000;
const LOOK_AGAIN_MS = 1_000;

describe('a drain', { timeout: 5_000 }, () => {
  it('tells every session where to go, and when, and serves it until it has gone', async () => {
    const draining = new Draining();
    draining.nodes = [worker('w_1'), worker('w_2'), worker('w_3', { sessions: 99 })];
    const admitted = await draining.admit(4);
    await draining.start();
    assert.deepEqual(
      admitted.map(({ link }) => [...link.asked, ...link.delaysMs]),
      [
        ['draining w_2', 0],
        ['draining w_3', 0],
        ['draining w_2', SLOT_MS],
        ['draining w_2', 2 * SLOT_MS],
      ],
      'spread by room, and at a pace',
    );
    for (const { actor, link } of admitted) assert.deepEqual([actor.serving, link.ends.length], [true, 0]);
    assert.equal(draining.drain.state, 'draining');
  });

  it('asks the idle ones first', async () => {
    const draining = new Draining();
    const [busy, idle] = await draining.admit(2);
    assert.ok(busy && idle);
    new FrameEdge(draining.world.sessions).open(busy.actor.id);
    await draining.start();
    assert.deepEqual([idle.link.delaysMs, busy.link.delaysMs], [[0], [SLOT_MS]]);
  });

  it('sends nobody to a worker of another pool, one that takes none, or is no worker, or itself', async () => {
    const draining = new Draining();
    draining.nodes = [
      worker('w_1'),
      worker('w_pool', { pool: 'dedicated' }),
      worker('w_cordoned', { state: 'cordoned' }),
      worker('w_dead', { state: 'dead' }),
      worker('w_full', { sessions: 100 }),
      worker('g_1', { role: 'gateway' }),
      worker('w_9'),
    ];
    const admitted = await draining.admit(3);
    await draining.start();
    assert.deepEqual(
      admitted.flatMap(({ link }) => link.asked),
      Array(3).fill('draining w_9'),
    );
  });

  it('tells an agent that has not left within 5 s of its slot again, with a new plan', async () => {
    const draining = new Draining();
    const [stays, goes] = await draining.admit(2);
    assert.ok(stays && goes);
    await draining.start();
    goes.link.leaves();
    await goes.link.closed;
    draining.nodes = [worker('w_3')];
    await draining.advance(ROUND_MS + SLOT_MS - 1);
    assert.deepEqual(stays.link.asked, ['draining w_2']);
    await draining.advance(1);
    assert.deepEqual(stays.link.asked, ['draining w_2', 'draining w_3']);
    assert.deepEqual(goes.link.asked, ['draining w_2']);
  });

  it('that knows of no target looks again every second, and says so', async () => {
    const draining = new Draining();
    const [only] = await draining.admit(1);
    assert.ok(only);
    draining.nodes = [worker('w_1')];
    await draining.start();
    assert.partialDeepStrictEqual(draining.drain.blockers(), [{ kind: 'session', reason: 'no_target' }]);
    draining.nodes = new CulvertError('registry_unavailable');
    await draining.advance(LOOK_AGAIN_MS);
    assert.deepEqual(only.link.asked, []);
    draining.nodes = [worker('w_2')];
    await draining.advance(LOOK_AGAIN_MS);
    assert.deepEqual(only.link.asked, ['draining w_2']);
    assert.partialDeepStrictEqual(draining.drain.blockers(), [{ kind: 'session', reason: 'moving' }]);
  });

  it('sessions for which there was no room wait for it', async () => {
    const draining = new Draining();
    draining.nodes = [worker('w_2', { capacity: 1 })];
    const admitted = await draining.admit(2);
    await draining.start();
    assert.deepEqual(
      admitted.map(({ link }) => link.asked),
      [['draining w_2'], []],
    );
    draining.nodes = [worker('w_2', { capacity: 2, sessions: 1 })];
    admitted[0]?.link.leaves();
    await draining.advance(ROUND_MS);
    assert.deepEqual(admitted[1]?.link.asked, ['draining w_2']);
  });

  it('tells the links on standby, too: they are of no use here', async () => {
    const draining = new Draining();
    const link = new LinkStandIn();
    draining.world.sessions.standbys.add({ ticket: ticketOf({ standby: true }), link: link.asLink() });
    await draining.start();
    assert.deepEqual(link.asked, ['draining']);
  });

  it('called off: who has not left may stay, and is told nothing more', async () => {
    const draining = new Draining();
    const [only] = await draining.admit(1);
    assert.ok(only);
    await draining.start();
    draining.drain.stop();
    assert.deepEqual([only.actor.state.phase, draining.drain.state], ['idle', 'off']);
    assert.equal(draining.world.clock.next, undefined, 'no round is due');
    await draining.start();
    assert.deepEqual(only.link.asked, ['draining w_2', 'draining w_2'], 'and may be asked anew');
  });

  it('called off while it asks for the nodes: nobody is told', async () => {
    const draining = new Draining();
    const [only] = await draining.admit(1);
    draining.drain.start('move');
    draining.drain.stop();
    await turn();
    assert.deepEqual([only?.link.asked, draining.world.clock.next], [[], undefined]);
  });

  it('by the policy wait: a busy session stays until its last connection ends', async () => {
    const draining = new Draining();
    const [busy, idle] = await draining.admit(2);
    assert.ok(busy && idle);
    const end = new FrameEdge(draining.world.sessions).open(busy.actor.id);
    await draining.start('wait');
    assert.deepEqual([busy.link.asked, idle.link.asked], [[], ['draining w_2']]);
    assert.partialDeepStrictEqual(
      draining.drain.blockers().find(({ session }) => session === busy.actor.id),
      { reason: 'busy' },
    );
    await draining.advance(LOOK_AGAIN_MS);
    assert.deepEqual(busy.link.asked, []);
    end?.();
    await draining.advance(LOOK_AGAIN_MS);
    assert.deepEqual(busy.link.asked, ['draining w_2']);
  });

  it('a change of policy is carried out at once', async () => {
    const draining = new Draining();
    const [busy] = await draining.admit(1);
    assert.ok(busy);
    new FrameEdge(draining.world.sessions).open(busy.actor.id);
    await draining.start('wait');
    await draining.start('move');
    assert.deepEqual(busy.link.asked, ['draining w_2']);
  });

  it('a session that comes while it goes on is told as well', async () => {
    const draining = new Draining();
    await draining.start();
    const { link } = await draining.world.admit();
    await draining.advance(ROUND_MS);
    assert.deepEqual(link.asked, ['draining w_2']);
  });
});

describe('the end of a drain', { timeout: 5_000 }, () => {
  it('is when the last session has left', async () => {
    const draining = new Draining();
    const [first, second] = await draining.admit(2);
    assert.ok(first && second);
    await draining.start();
    let empty = false;
    const done = draining.drain.whenEmpty().then(() => {
      empty = true;
    });
    first.link.leaves();
    await turn();
    assert.deepEqual([empty, draining.drain.state], [false, 'draining']);
    second.link.leaves();
    await done;
    assert.deepEqual([draining.drain.state, draining.drain.blockers()], ['empty', []]);
  });

  it('waits for connections on the worker’s own address, and names them', async () => {
    const draining = new Draining();
    const stream = draining.openDirect('s_gone');
    await draining.start();
    assert.deepEqual(draining.drain.state, 'draining');
    assert.deepEqual(draining.drain.blockers(), [
      {
        ...{ kind: 'connection', session: 's_gone', tenant: 'acme', name: null, connection: 'c_7' },
        ...{ target: 'app.internal:443', reason: 'direct', since: '1970-01-01T00:00:01.000Z' },
        detail: "its browser uses this worker's own address: it has to end by itself",
      },
    ]);
    const done = draining.drain.whenEmpty();
    stream.reset('aborted');
    await done;
    assert.equal(draining.drain.state, 'empty');
  });

  it('does not wait for a session whose agent is away: it is not coming back here', async () => {
    const draining = new Draining();
    const [only] = await draining.admit(1);
    assert.ok(only);
    await draining.start();
    const done = draining.drain.whenEmpty();
    only.link.lost();
    await done;
    assert.deepEqual([draining.drain.state, draining.drain.blockers()], ['empty', []]);
  });

  it('sends the sessions of probes away at once, whatever its stage, and waits for none of them', async () => {
    const draining = new Draining();
    const probe = await draining.world.admit(ticketOf({ tenantId: 'culvert-canary' }));
    draining.connect(probe.actor);
    const [customer] = await draining.admit(1);
    assert.ok(customer);
    const { sessions } = draining.world;
    assert.deepEqual([sessions.size, sessions.connections], [1, 0], 'it is no load');
    await draining.order({ policy: 'wait', stage: 'announce', deployment: 'd_1', fence: 1, key: 'k' });
    assert.equal(probe.actor.state.phase, 'away', 'it may go on elsewhere');
    assert.equal(customer.actor.serving, true);
    assert.deepEqual(
      draining.drain.blockers().map(({ session }) => session),
      [customer.actor.id],
    );
    customer.link.leaves();
    await turn();
    assert.equal(draining.drain.state, 'empty');
    assert.deepEqual(
      draining.drain.report().sessions.map(({ id }) => id),
      [customer.actor.id],
    );
  });

  it('breaks off what probes have open on the worker’s own address, and nothing of anybody else', async () => {
    const draining = new Draining();
    const probe = draining.openDirect('s_probe', 'culvert-canary');
    const customer = draining.openDirect('s_customer');
    await draining.start();
    assert.deepEqual([probe.closed, customer.closed], [true, false]);
  });
});
