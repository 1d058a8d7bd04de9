import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Frame, FrameType } from '@culvert/mux';
import { freshRequest } from '@culvert/mux/testing';
import { StillWorld } from './testing/still-world.ts';
import { FrameEdge, ticketOf } from './testing/world.ts';

const RESUME_MS = 60_000;
const HAND_OFF_MS = 3_000;
const BY_OPERATOR = { code: 'session_closed', message: '', by: 'operator', final: true } as const;

describe('a session that is handed off', () => {
  it('ends when what is left of it has not followed in time; its connections may still go on elsewhere', async () => {
    const world = new StillWorld();
    const { actor, link } = await world.admit();
    const edge = new FrameEdge(world.sessions);
    assert.ok(edge.open(actor.id));
    actor.handOff();
    world.clock.advance(HAND_OFF_MS - 1);
    assert.deepEqual([actor.state.phase, link.ends.length, edge.frames], ['handed_off', 0, []]);
    world.clock.advance(1);
    assert.deepEqual([actor.state.phase, world.sessions.size], ['closed', 0]);
    assert.partialDeepStrictEqual(link.end, { code: 'superseded', final: false });
    assert.deepEqual([edge.frames, world.released], [[FrameType.DETACH], []]);
  });

  it('leaves no timer when its agent has left before', async () => {
    const world = new StillWorld();
    const { actor, link } = await world.admit();
    actor.handOff();
    link.leaves();
    await link.closed;
    assert.deepEqual([actor.state.phase, world.clock.next], ['closed', undefined]);
  });

  it('is asked to move no more, and takes nothing back', async () => {
    const world = new StillWorld();
    const { actor, link } = await world.admit();
    actor.handOff();
    actor.handOff();
    actor.move('draining', '', { target: 'w_2', delayMs: 0 });
    actor.stay();
    assert.deepEqual([actor.state.phase, link.asked], ['handed_off', []]);
  });
});

describe('a session whose agent is away', () => {
  it('does not count as one of this worker, and is released when the resume window is over', async () => {
    const world = new StillWorld();
    const { actor, link } = await world.admit();
    const edge = new FrameEdge(world.sessions);
    edge.open(actor.id);
    link.lost();
    await link.closed;
    assert.deepEqual([world.sessions.size, world.sessions.connections, actor.connections], [0, 0, 1]);
    world.clock.advance(RESUME_MS - 1);
    assert.equal(actor.state.phase, 'away');
    world.clock.advance(1);
    assert.deepEqual([actor.state.phase, world.released], ['closed', [`${actor.id} link_lost`]]);
    assert.deepEqual([world.sessions.all(), actor.connections], [[], 0]);
  });

  it('is another one when the agent comes back: the old one ends without a word to the registry', async () => {
    const world = new StillWorld();
    const ticket = ticketOf();
    const first = await world.admit(ticket);
    first.link.lost();
    await first.link.closed;
    const second = await world.admit(ticket);
    assert.deepEqual([first.actor.state.phase, second.actor.state.phase], ['closed', 'idle']);
    assert.deepEqual([world.sessions.all(), world.released, world.clock.next], [[second.actor], [], undefined]);
  });

  it('ends at once when a newer owner has it', async () => {
    const world = new StillWorld();
    const { actor, link } = await world.admit();
    link.lost();
    await link.closed;
    world.sessions.fence(actor.id, (actor.epoch ?? 0) + 1, actor.ticket.agentId);
    assert.deepEqual([actor.state.phase, world.released], ['closed', []]);
  });
});

describe('a connection whose edge has lost its path', () => {
  it('keeps its session busy for the resume window, and no longer', async () => {
    const world = new StillWorld();
    const { actor } = await world.admit();
    const edge = new FrameEdge(world.sessions);
    assert.ok(edge.open(actor.id));
    edge.lost();
    assert.deepEqual([actor.state.phase, actor.connections, actor.detached.length], ['busy', 1, 1]);
    assert.equal(actor.closeIfIdle(BY_OPERATOR), false, 'it may come back any moment');
    world.clock.advance(RESUME_MS - 1);
    assert.equal(actor.connections, 1);
    world.clock.advance(1);
    assert.deepEqual([actor.state.phase, actor.connections, world.changed.at(-1)], ['idle', 0, actor]);
  });

  it('is the same one when it comes back over another link, and counts once', async () => {
    const world = new StillWorld();
    const { actor } = await world.admit(ticketOf({ connectionLimit: 1 }));
    const [first, second] = [new FrameEdge(world.sessions), new FrameEdge(world.sessions)];
    const request = freshRequest({ sessionId: actor.id });
    assert.ok(first.open(actor.id, request));
    first.lost();
    assert.equal(second.open(actor.id), undefined, 'the limit counts it');
    const end = second.resume({ ...request, attempt: 1 });
    assert.ok(end, 'and lets it back in');
    assert.deepEqual([actor.connections, actor.detached.length], [1, 0]);
    world.clock.advance(RESUME_MS);
    assert.equal(actor.connections, 1, 'what has come back does not expire');
    end();
    assert.deepEqual([actor.state.phase, actor.connections], ['idle', 0]);
  });

  it('is detached twice: the window begins anew', async () => {
    const world = new StillWorld();
    const { actor } = await world.admit();
    const request = freshRequest({ sessionId: actor.id });
    const [first, second] = [new FrameEdge(world.sessions), new FrameEdge(world.sessions)];
    first.open(actor.id, request);
    first.lost();
    world.clock.advance(RESUME_MS / 2);
    second.resume({ ...request, attempt: 1 });
    second.lost();
    world.clock.advance(RESUME_MS - 1);
    assert.equal(actor.connections, 1);
    world.clock.advance(1);
    assert.equal(actor.connections, 0);
  });

  it('comes back before its old way is known to be lost: the agent leaves that one, and it still counts once', async () => {
    const world = new StillWorld();
    const { actor } = await world.admit();
    const request = freshRequest({ sessionId: actor.id });
    const [first, second] = [new FrameEdge(world.sessions), new FrameEdge(world.sessions)];
    first.open(actor.id, request);
    const end = second.resume({ ...request, attempt: 1 });
    actor.side.receive(new Frame(FrameType.DETACH, 1));
    assert.deepEqual([actor.connections, actor.detached.length], [1, 0]);
    end?.();
    assert.deepEqual([actor.state.phase, actor.connections], ['idle', 0]);
  });

  it('ends before its old way is known to be lost: the session is idle once that is gone, too', async () => {
    const world = new StillWorld();
    const { actor } = await world.admit();
    const request = freshRequest({ sessionId: actor.id });
    const [first, second] = [new FrameEdge(world.sessions), new FrameEdge(world.sessions)];
    first.open(actor.id, request);
    second.resume({ ...request, attempt: 1 })?.();
    assert.equal(actor.state.phase, 'busy');
    first.lost();
    assert.deepEqual([actor.state.phase, actor.connections, actor.detached], ['idle', 0, []]);
  });

  it('a session that is not served here takes none back', async () => {
    const world = new StillWorld();
    const { actor } = await world.admit();
    const edge = new FrameEdge(world.sessions);
    const request = freshRequest({ sessionId: actor.id });
    edge.open(actor.id, request);
    edge.lost();
    actor.handOff();
    assert.equal(edge.resume({ ...request, attempt: 1 }), undefined);
    assert.equal(edge.answers.at(-1), 'wrong_owner');
  });
});

describe('a session that is asked to move', () => {
  it('takes the newest advice, and connections as before', async () => {
    const world = new StillWorld();
    const { actor, link } = await world.admit();
    const edge = new FrameEdge(world.sessions);
    actor.move('draining', '', { target: 'w_2', delayMs: 40 });
    const end = edge.open(actor.id);
    actor.move('draining', '', { target: 'w_3', delayMs: 0 });
    assert.deepEqual(
      [link.asked, link.delaysMs],
      [
        ['draining w_2', 'draining w_3'],
        [40, 0],
      ],
    );
    assert.deepEqual([actor.state.phase, actor.connections, actor.serving], ['moving', 1, true]);
    end?.();
    assert.equal(actor.state.phase, 'moving');
    actor.stay();
    assert.equal(actor.state.phase, 'idle');
  });

  it('whose link is lost on the way is away like any other', async () => {
    const world = new StillWorld();
    const { actor, link } = await world.admit();
    actor.move('draining', '');
    link.lost();
    await link.closed;
    assert.equal(actor.state.phase, 'away');
  });
});
