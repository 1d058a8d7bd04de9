import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { CANARY_TENANT } from '@culvert/contracts';
import { Frame, FrameType } from '@culvert/mux';
import { freshRequest } from '@culvert/mux/testing';
import type { SessionActor } from './session-actor.ts';
import { StillWorld } from './testing/still-world.ts';
import { FrameEdge, ticketOf } from './testing/world.ts';

/** The agent of the newest connection sends so many bytes towards the browser. */
function back(actor: SessionActor, bytes: number): void {
  const { agentStream = 0 } = actor.side.circuits().at(-1) ?? {};
  actor.side.receive(new Frame(FrameType.DATA, agentStream, 0, Buffer.alloc(bytes)));
}

describe('what a worker has carried', () => {
  it('is that of open and of ended connections, and never falls', async () => {
    const world = new StillWorld();
    const { sessions } = world;
    const { actor } = await world.admit();
    const edge = new FrameEdge(sessions);
    assert.deepEqual(sessions.carried, { bytesIn: 0, bytesOut: 0 });
    const end = edge.open(actor.id);
    edge.data(Buffer.alloc(30));
    back(actor, 500);
    assert.deepEqual([sessions.carried, sessions.busy], [{ bytesIn: 30, bytesOut: 500 }, 1]);
    end?.();
    assert.deepEqual([sessions.carried, sessions.busy], [{ bytesIn: 30, bytesOut: 500 }, 0]);
    edge.open(actor.id);
    edge.data(Buffer.alloc(4));
    actor.close({ code: 'shutting_down', message: '', by: 'worker', final: false });
    assert.deepEqual(sessions.carried, { bytesIn: 34, bytesOut: 500 });
  });

  it('is only what passed here of a connection that came from elsewhere, or comes back', async () => {
    const world = new StillWorld();
    const { sessions } = world;
    const { actor } = await world.admit();
    const edge = new FrameEdge(sessions);
    const request = freshRequest({ sessionId: actor.id });
    edge.resume(request, 7_000); // the browser has had so many
    const { agentStream = 0 } = actor.side.circuits()[0] ?? {};
    actor.side.receive(new Frame(FrameType.RESUMED, agentStream, 9_000)); // and the target so many
    edge.data(Buffer.alloc(30));
    back(actor, 500);
    assert.deepEqual(sessions.carried, { bytesIn: 30, bytesOut: 500 });
    assert.deepEqual([actor.bytesIn, actor.bytesOut], [9_030, 7_500], "the session's own counts are whole");
    edge.lost();
    assert.deepEqual(sessions.carried, { bytesIn: 30, bytesOut: 500 });
    new FrameEdge(sessions).resume(request, 7_500);
    back(actor, 1);
    assert.deepEqual(sessions.carried, { bytesIn: 30, bytesOut: 501 });
  });

  it("leaves out the canary tenant's", async () => {
    const world = new StillWorld();
    const { actor } = await world.admit(ticketOf({ tenantId: CANARY_TENANT }));
    const edge = new FrameEdge(world.sessions);
    edge.open(actor.id);
    edge.data(Buffer.alloc(30));
    assert.deepEqual([world.sessions.carried, world.sessions.busy], [{ bytesIn: 0, bytesOut: 0 }, 0]);
  });
});
