import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameType } from '@culvert/mux';
import { MOVES_PER_SECOND } from './plan-moves.ts';
import { Draining } from './testing/draining.ts';
import { FrameEdge, LinkStandIn, ticketOf } from './testing/world.ts';

const SLOT_MS = 1_000 / MOVES_PER_SECOND;
const GRACE_MS = 10_000;
const BY = { deployment: 'd_1', fence: 3 };

/** The codes with which an agent's link was ended. */
const endsOf = ({ ends }: LinkStandIn) => ends.map(({ code, final }) => `${code}${final ? ' for good' : ''}`);

describe('a drain that a deployment orders', { timeout: 5_000 }, () => {
  it('announce: takes nothing new and tells the standbys; sessions are left alone', async () => {
    const draining = new Draining();
    const [only] = await draining.admit(1);
    assert.ok(only);
    const standby = new LinkStandIn();
    draining.world.sessions.standbys.add({ ticket: ticketOf({ standby: true }), link: standby.asLink() });
    await draining.order({ ...BY, stage: 'announce' });
    await draining.advance(60_000);
    assert.deepEqual([draining.drain.state, standby.asked[0]], ['draining', 'draining']);
    assert.deepEqual([only.link.asked, only.link.ends, only.actor.state.phase], [[], [], 'idle']);
  });

  it('idle, policy move: idle sessions are told where to go, busy ones are not; who does not go is closed', async () => {
    const draining = new Draining();
    const [goes, stays, busy] = await draining.admit(3);
    assert.ok(goes && stays && busy);
    draining.connect(busy.actor);
    await draining.order({ ...BY, stage: 'idle' });
    assert.deepEqual([goes.link.asked, stays.link.asked, busy.link.asked], [['draining w_2'], ['draining w_2'], []]);
    goes.link.leaves();
    await goes.link.closed;
    for (let ms = 0; ms < GRACE_MS; ms += 1_000) await draining.advance(1_000);
    assert.deepEqual([endsOf(stays.link), stays.actor.state.phase], [[], 'moving'], 'told again in between');
    await draining.advance(1_000);
    assert.deepEqual([endsOf(stays.link), stays.actor.state.phase], [['draining'], 'away']);
    assert.deepEqual([busy.link.asked, endsOf(busy.link), busy.actor.serving], [[], [], true]);
  });

  it('idle, policy move: with nobody to send them to, idle sessions stay', async () => {
    const draining = new Draining();
    const [only] = await draining.admit(1);
    draining.nodes = [];
    await draining.order({ ...BY, stage: 'idle' });
    for (let ms = 0; ms < 3 * GRACE_MS; ms += 1_000) await draining.advance(1_000);
    assert.ok(only?.actor.serving);
    assert.partialDeepStrictEqual(draining.drain.blockers(), [{ reason: 'no_target' }]);
  });

  it('idle, policy wait: idle sessions are closed at a pace, busy ones as soon as they are idle', async () => {
    const draining = new Draining();
    const admitted = await draining.admit(4);
    const [busy, ...idle] = admitted;
    assert.ok(busy);
    const ends = [draining.connect(busy.actor), draining.connect(busy.actor)];
    await draining.order({ ...BY, policy: 'wait', stage: 'idle' });
    const closed = () => idle.filter(({ link }) => link.ends.length > 0).length;
    assert.equal(closed(), 1);
    await draining.advance(SLOT_MS);
    assert.equal(closed(), 2);
    await draining.advance(SLOT_MS);
    assert.deepEqual(
      idle.flatMap(({ link }) => endsOf(link)),
      ['draining', 'draining', 'draining'],
    );
    await draining.advance(SLOT_MS);
    ends[0]?.();
    assert.deepEqual([endsOf(busy.link), busy.link.asked], [[], []]);
    ends[1]?.();
    assert.deepEqual(endsOf(busy.link), ['draining'], 'the moment its last connection ended');
    assert.equal(draining.drain.state, 'empty');
  });

  it('a session whose turn to be closed comes is not closed when it is busy by then', async () => {
    const draining = new Draining();
    const [first, second] = await draining.admit(2);
    assert.ok(first && second);
    await draining.order({ ...BY, policy: 'wait', stage: 'idle' });
    draining.connect(second.actor);
    await draining.advance(SLOT_MS);
    assert.deepEqual([endsOf(first.link), endsOf(second.link)], [['draining'], []]);
  });

  it('a closed session is kept as one whose agent is away, until that turns up elsewhere or its time is up', async () => {
    const draining = new Draining();
    const [found, lost] = await draining.admit(2);
    assert.ok(found && lost);
    await draining.order({ ...BY, policy: 'wait', stage: 'idle' });
    await draining.advance(SLOT_MS);
    const { sessions, changed, released } = draining.world;
    assert.ok(
      changed.includes(found.actor) && changed.includes(lost.actor),
      'the registry hears that they are offline',
    );
    assert.deepEqual([sessions.size, released], [0, []]);
    const edge = new FrameEdge(sessions);
    assert.equal(edge.open(lost.actor.id), undefined);
    assert.equal(edge.answers.at(-1), 'session_offline', 'which edges wait for');
    sessions.fence(found.actor.id, 99, 'a_1');
    await draining.advance(60_000);
    assert.deepEqual(released, [`${lost.actor.id} draining`]);
    assert.deepEqual(sessions.all(), []);
  });

  it('busy: what carries connections is moved as well; an operator is told the same from the beginning', async () => {
    for (const order of [{ ...BY, stage: 'busy' }, {}] as const) {
      const draining = new Draining();
      const [busy] = await draining.admit(1);
      assert.ok(busy);
      draining.connect(busy.actor);
      await draining.order(order);
      assert.deepEqual([busy.link.asked, busy.actor.connections], [['draining w_2'], 1]);
    }
  });

  it("an operator's drain closes nobody, however long they stay", async () => {
    const draining = new Draining();
    const [only] = await draining.admit(1);
    await draining.order({ policy: 'wait' });
    for (let ms = 0; ms < 3 * GRACE_MS; ms += 1_000) await draining.advance(1_000);
    assert.deepEqual(only?.link.ends, []);
  });

  it('force: what is left is closed, and may come back elsewhere with its connections', async () => {
    const draining = new Draining();
    const [busy, idle] = await draining.admit(2);
    assert.ok(busy && idle);
    const edge = new FrameEdge(draining.world.sessions);
    assert.ok(edge.open(busy.actor.id));
    const direct = draining.openDirect('s_gone');
    await draining.order({ ...BY, policy: 'wait', stage: 'busy' });
    assert.deepEqual([busy.actor.serving, direct.closed], [true, false]);
    await draining.order({ ...BY, policy: 'wait', stage: 'force' });
    assert.deepEqual([endsOf(busy.link), endsOf(idle.link)], [['draining'], ['draining']]);
    assert.deepEqual(edge.frames, [FrameType.DETACH], 'not reset');
    assert.deepEqual([direct.closed, draining.drain.state], [true, 'empty']);
  });

  it('force: a session whose claim was under way when it came is closed, too', async () => {
    const draining = new Draining();
    await draining.order({ ...BY, stage: 'force' });
    const { link } = await draining.world.admit();
    await draining.advance(1_000);
    assert.deepEqual(endsOf(link), ['draining']);
  });

  it('a stage that was reached stays reached, whatever comes late', async () => {
    const draining = new Draining();
    const [busy] = await draining.admit(1);
    assert.ok(busy);
    draining.connect(busy.actor);
    await draining.order({ ...BY, stage: 'busy', key: 'd_1/w_1/busy/1' });
    assert.ok(await draining.order({ ...BY, stage: 'announce', key: 'd_1/w_1/announce/1' }));
    assert.equal(draining.drain.report().stage, 'busy');
  });

  it('called off and ordered again by the next deployment, it begins with the stage that was told', async () => {
    const draining = new Draining();
    const [only] = await draining.admit(1);
    assert.ok(only);
    await draining.order({ ...BY, stage: 'busy' });
    draining.drain.stop();
    assert.deepEqual([only.actor.state.phase, draining.world.clock.next], ['idle', undefined]);
    await draining.order({ deployment: 'd_2', fence: 4, stage: 'announce' });
    assert.deepEqual([draining.drain.report().stage, only.link.asked], ['announce', ['draining w_2']]);
  });

  it('called off, it closes nobody who still waited for a turn', async () => {
    const draining = new Draining();
    const [, second] = await draining.admit(2);
    await draining.order({ ...BY, policy: 'wait', stage: 'idle' });
    draining.drain.stop();
    await draining.order({}); // an operator's, which closes nobody
    await draining.advance(60_000);
    assert.deepEqual(second?.link.ends, []);
  });

  it('goes on when the process stops: what the deployment had told stays told', async () => {
    const draining = new Draining();
    await draining.order({ ...BY, policy: 'wait', stage: 'force' });
    draining.drain.start('move');
    assert.partialDeepStrictEqual(draining.drain.report(), { deployment: 'd_1', stage: 'force', policy: 'move' });
  });
});

describe('orders to drain', { timeout: 5_000 }, () => {
  it('of an older fence than one that was seen are refused; of an equal or a newer one they are not', async () => {
    const draining = new Draining();
    await draining.order({ deployment: 'd_1', fence: 5, stage: 'announce', key: 'a' });
    await assert.rejects(draining.order({ deployment: 'd_1', fence: 4, stage: 'force', key: 'b' }), { code: 'fenced' });
    assert.partialDeepStrictEqual(draining.drain.report(), { stage: 'announce', fence: 5, orders: ['a'] });
    assert.ok(await draining.order({ deployment: 'd_1', fence: 5, stage: 'idle', key: 'c' }));
    assert.ok(await draining.order({ deployment: 'd_1', fence: 6, stage: 'busy', key: 'd' }));
    assert.partialDeepStrictEqual(draining.drain.report(), { stage: 'busy', fence: 6, orders: ['a', 'c', 'd'] });
  });

  it('whose key was carried out change nothing, not even once the drain was called off', async () => {
    const draining = new Draining();
    assert.ok(await draining.order({ ...BY, stage: 'busy', key: 'a' }));
    draining.drain.stop();
    assert.equal(await draining.order({ ...BY, stage: 'busy', key: 'a' }), false);
    assert.deepEqual([draining.drain.state, draining.drain.report().stage], ['off', null]);
  });

  it('are remembered, the last hundred of them', async () => {
    const draining = new Draining();
    for (let i = 0; i < 101; i += 1) await draining.order({ ...BY, key: `k${i}` });
    const { orders } = draining.drain.report();
    assert.deepEqual([orders.length, orders[0], orders.at(-1)], [100, 'k1', 'k100']);
  });
});
