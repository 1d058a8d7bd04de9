import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ErrorCode } from '@culvert/base';
import { encodeReason, Frame, FrameType } from '@culvert/mux';
import { freshRequest } from '@culvert/mux/testing';
import { SETUP_BOUNDS_MS } from './connection-stats.ts';
import type { SessionActor } from './session-actor.ts';
import { Draining } from './testing/draining.ts';
import { FrameEdge, ticketOf } from './testing/world.ts';

/** One session, and its connections as an edge asks for them and its agent answers. */
class Counted extends Draining {
  static async of(tenantId = 'acme') {
    const counted = new Counted();
    const { actor, link } = await counted.world.admit(ticketOf({ tenantId }));
    return { counted, actor, link, stats: () => counted.world.sessions.stats.read() };
  }

  ask(actor: SessionActor): () => void {
    return new FrameEdge(this.world.sessions).open(actor.id) ?? assert.fail('not taken');
  }

  /** The agent says something of the newest connection. */
  says(actor: SessionActor, type: number, code: ErrorCode): void {
    const stream = actor.side.circuits().at(-1)?.agentStream ?? assert.fail('there is none');
    actor.side.receive(new Frame(type, stream, 0, encodeReason({ code, message: '' })));
  }
}

describe('how connections fare', { timeout: 5_000 }, () => {
  it('asked and opened, and how long it took', async () => {
    const { counted, actor, stats } = await Counted.of();
    counted.ask(actor);
    counted.connect(actor);
    const { setup, ...rest } = stats();
    assert.deepEqual(rest, { asked: 2, opened: 1, failed: 0, lost: 0 });
    assert.deepEqual(
      setup,
      SETUP_BOUNDS_MS.map((le) => ({ le, count: 1 })),
    );
    counted.ask(actor);
    counted.world.clock.advance(42);
    const stream = actor.side.circuits().at(-1)?.agentStream ?? 0;
    for (let again = 0; again < 2; again += 1) {
      actor.side.receive(new Frame(FrameType.OPENED, stream, 0, Buffer.alloc(4)));
    }
    assert.equal(stats().opened, 2, 'counted once');
    assert.deepEqual(
      stats().setup.filter(({ le }) => le === 20 || le === 50 || le === 30_000),
      [
        { le: 20, count: 1 },
        { le: 50, count: 2 },
        { le: 30_000, count: 2 },
      ],
    );
  });

  it('refused: a failure unless it is the target’s, the rules’ or a limit’s doing, or says to ask elsewhere', async () => {
    for (const [code, failed] of [
      ['internal', 1],
      ['protocol_error', 1],
      ['overloaded', 1],
      ['target_unreachable', 0],
      ['target_timeout', 0],
      ['target_denied', 0],
      ['limit_exceeded', 0],
      ['session_offline', 0],
      ['shutting_down', 0],
    ] as const) {
      const { counted, actor, stats } = await Counted.of();
      counted.ask(actor);
      counted.says(actor, FrameType.REFUSED, code);
      assert.partialDeepStrictEqual(stats(), { asked: 1, opened: 0, failed, lost: 0 }, code);
    }
  });

  it('a browser that gives up before the answer is no failure, nor is a session that is not here', async () => {
    const { counted, actor, stats } = await Counted.of();
    counted.ask(actor)();
    new FrameEdge(counted.world.sessions).open('s_elsewhere');
    assert.partialDeepStrictEqual(stats(), { asked: 1, failed: 0, lost: 0 });
  });

  it('lost: an open one that ends because the path between could not go on', async () => {
    for (const [code, lost] of [
      ['internal', 1],
      ['resume_expired', 1],
      ['link_lost', 1],
      ['flow_control_error', 1],
      ['target_reset', 0],
      ['aborted', 0],
      ['shutting_down', 0], // the agent's: its owner stops it
    ] as const) {
      const { counted, actor, stats } = await Counted.of();
      counted.connect(actor);
      counted.says(actor, FrameType.RESET, code);
      assert.partialDeepStrictEqual(stats(), { opened: 1, failed: 0, lost }, code);
    }
  });

  it('lost: one whose agent, or whose edge, does not come back in time', async () => {
    const { counted, actor, link, stats } = await Counted.of();
    counted.connect(actor);
    link.lost();
    await link.closed;
    counted.world.clock.advance(59_999);
    assert.equal(stats().lost, 0);
    counted.world.clock.advance(1);
    assert.equal(stats().lost, 1);
    const other = await counted.world.admit();
    const edge = new FrameEdge(counted.world.sessions);
    edge.open(other.actor.id);
    const [circuit] = other.actor.side.circuits();
    other.actor.side.receive(new Frame(FrameType.OPENED, circuit?.agentStream ?? 0, 0, Buffer.alloc(4)));
    edge.lost();
    counted.world.clock.advance(60_000);
    assert.equal(stats().lost, 2);
  });

  it('not lost: what goes on elsewhere, with its session or by itself', async () => {
    const { counted, actor, link, stats } = await Counted.of();
    counted.connect(actor);
    counted.connect(actor);
    const [first] = actor.side.circuits();
    actor.side.receive(new Frame(FrameType.DETACH, first?.agentStream ?? 0));
    counted.world.clock.advance(60_000);
    counted.world.sessions.fence(actor.id, 1_000, 'a_1');
    link.leaves();
    await link.closed;
    assert.partialDeepStrictEqual(stats(), { opened: 2, lost: 0 });
  });

  it('one that comes back is not asked for anew; if the agent does not know it, it is lost', async () => {
    const { counted, actor, stats } = await Counted.of();
    new FrameEdge(counted.world.sessions).resume(freshRequest({ sessionId: actor.id }));
    counted.says(actor, FrameType.REFUSED, 'unknown_stream');
    assert.partialDeepStrictEqual(stats(), { asked: 0, opened: 0, failed: 0, lost: 1 });
  });

  it('the canary tenant does not count', async () => {
    const { counted, actor, stats } = await Counted.of('culvert-canary');
    counted.connect(actor);
    counted.says(actor, FrameType.RESET, 'internal');
    counted.ask(actor);
    counted.says(actor, FrameType.REFUSED, 'internal');
    assert.partialDeepStrictEqual(stats(), { asked: 0, opened: 0, failed: 0, lost: 0 });
  });
});
