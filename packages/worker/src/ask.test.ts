import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameType } from '@culvert/mux';
import { askSession } from './ask.ts';
import { StillWorld } from './testing/still-world.ts';
import { FrameEdge, ticketOf } from './testing/world.ts';

/** One session, with what is asked of it under its own epoch. */
async function withSession() {
  const world = new StillWorld();
  const { actor, link } = await world.admit(ticketOf({ lastEpoch: 10 }));
  const edge = new FrameEdge(world.sessions);
  const epoch = actor.epoch ?? 0;
  const ask = (question: Parameters<typeof askSession>[3], under = epoch) =>
    askSession(world, actor.id, under, question);
  return { world, actor, link, edge, epoch, ask };
}

describe('asking the actor of a session', () => {
  it('describes it, its connections included', async () => {
    const { ask, edge, actor, epoch } = await withSession();
    edge.open(actor.id);
    const answer = ask({ kind: 'describe' });
    assert.partialDeepStrictEqual(answer, { outcome: 'done', session: { id: actor.id, epoch, state: 'busy' } });
    assert.ok('session' in answer);
    assert.deepEqual(
      answer.session.connections.map(({ attached }) => attached),
      [true],
    );
  });

  it('closes it while it is idle, for good; a busy one is left as it is', async () => {
    const { ask, edge, actor, link } = await withSession();
    const end = edge.open(actor.id);
    assert.deepEqual(ask({ kind: 'close_if_idle' }), { outcome: 'busy', connections: 1 });
    assert.deepEqual([actor.state.phase, link.ends.length], ['busy', 0]);
    end?.();
    assert.deepEqual(ask({ kind: 'close_if_idle' }), { outcome: 'done' });
    assert.partialDeepStrictEqual(link.end, { code: 'session_closed', final: true });
    assert.deepEqual(ask({ kind: 'close_if_idle' }), { outcome: 'wrong_owner' }, 'there is nothing to close any more');
  });

  it('closes a busy one when that is asked, and its connections with it', async () => {
    const { ask, edge, actor } = await withSession();
    edge.open(actor.id);
    assert.deepEqual(ask({ kind: 'close' }), { outcome: 'done' });
    assert.deepEqual([edge.frames.at(-1), actor.state.phase], [FrameType.RESET, 'closed']);
  });

  it('tells its agent where to go, and serves it until it has gone', async () => {
    const { ask, edge, actor, link } = await withSession();
    assert.deepEqual(ask({ kind: 'move', to: 'w2' }), { outcome: 'done', to: 'w2' });
    assert.deepEqual([link.asked, link.delaysMs], [['draining w2'], [0]]);
    assert.ok(edge.open(actor.id), 'make before break');
    assert.deepEqual(ask({ kind: 'move', to: null }), { outcome: 'done', to: null });
    assert.deepEqual(link.asked, ['draining w2', 'draining']);
  });

  it('that has not gone after a while may stay, unless it was told something newer', async () => {
    const { ask, actor, world } = await withSession();
    const phase = () => actor.state.phase;
    ask({ kind: 'move', to: 'w2' });
    world.clock.advance(14_999);
    assert.equal(phase(), 'moving');
    world.clock.advance(1);
    assert.equal(phase(), 'idle');
    ask({ kind: 'move', to: 'w2' });
    actor.move('draining', 'the worker is being drained', { target: 'w3', delayMs: 0 });
    world.clock.advance(60_000);
    assert.equal(phase(), 'moving');
  });

  it('whose agent is away: described and closed, but nobody is there to be moved', async () => {
    const { ask, actor, link } = await withSession();
    link.lost();
    await link.closed;
    assert.deepEqual(ask({ kind: 'move', to: 'w2' }), { outcome: 'offline' });
    assert.partialDeepStrictEqual(ask({ kind: 'describe' }), { outcome: 'done', session: { state: 'offline' } });
    assert.deepEqual(ask({ kind: 'close_if_idle' }), { outcome: 'done' });
    assert.equal(actor.state.phase, 'closed');
  });

  it('does nothing for another epoch than its own', async () => {
    const { ask, actor, link, epoch } = await withSession();
    for (const kind of ['close', 'close_if_idle', 'describe'] as const) {
      assert.deepEqual(ask({ kind }, epoch - 1), { outcome: 'fenced', epoch });
      assert.deepEqual(ask({ kind }, epoch + 1), { outcome: 'wrong_owner' });
    }
    assert.deepEqual(ask({ kind: 'move', to: 'w2' }, epoch - 1), { outcome: 'fenced', epoch });
    assert.deepEqual([actor.state.phase, link.asked, link.ends], ['idle', [], []]);
  });

  it('that a newer owner has is not asked here any more', async () => {
    const { ask, world, actor, epoch, link } = await withSession();
    world.sessions.fence(actor.id, epoch + 1, actor.ticket.agentId);
    assert.equal(actor.state.phase, 'handed_off');
    assert.deepEqual(ask({ kind: 'close' }), { outcome: 'wrong_owner' });
    assert.equal(link.ends.length, 0);
  });

  it('that was never here, or not yet', () => {
    assert.deepEqual(askSession(new StillWorld(), 's_none', 1, { kind: 'describe' }), { outcome: 'wrong_owner' });
  });
});
