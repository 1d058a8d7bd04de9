import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ATTRIBUTE, SPAN, sessionSpanContext } from '@culvert/telemetry';
import { type RecordedSpan, recordSpans } from '@culvert/telemetry/testing';
import { SessionSpans } from './session-spans.ts';
import { ticketOf, World } from './testing/world.ts';

let world: World;
before(async () => {
  world = await World.start();
});
after(() => world[Symbol.asyncDispose]());

/** Sessions of a worker that traces. */
function traced() {
  const recorder = recordSpans();
  const sessions = world.sessions();
  sessions.watch(new SessionSpans(recorder, world.node.id));
  return { sessions, spans: (name: string) => recorder.spans().filter((span) => span.name === name) };
}

function ids({ traceId, spanId }: Pick<RecordedSpan, 'traceId' | 'spanId'>) {
  return { traceId, spanId };
}

describe('spans of sessions', () => {
  it('a session opens under ids that session and epoch give, and closes under that', async () => {
    const { sessions, spans } = traced();
    const ticket = ticketOf();
    const { actor, link } = await world.admit(sessions, ticket);
    assert.ok(actor && actor.epoch !== null);
    const context = sessionSpanContext(ticket.sessionId, actor.epoch);
    const [opened, ...more] = spans(SPAN.sessionOpen);
    assert.deepEqual(opened && ids(opened), ids(context));
    assert.deepEqual(
      [more.length, opened?.parentSpanId, opened?.links.length, opened?.status],
      [0, undefined, 0, 'unset'],
    );
    const about = {
      [ATTRIBUTE.sessionId]: ticket.sessionId,
      [ATTRIBUTE.tenantId]: ticket.tenantId,
      [ATTRIBUTE.nodeId]: world.node.id,
      [ATTRIBUTE.epoch]: actor.epoch,
    };
    assert.deepEqual(opened?.attributes, about);
    link.leaves();
    await link.closed;
    const [closed] = spans(SPAN.sessionClose);
    assert.deepEqual([closed?.traceId, closed?.parentSpanId], [context.traceId, context.spanId]);
    const end = { [ATTRIBUTE.reason]: 'shutting_down', [ATTRIBUTE.closedBy]: 'agent' };
    assert.deepEqual(closed?.attributes, { ...about, ...end });
  });

  it('one that had an owner before is linked with it', async () => {
    const [first, second] = [traced(), traced()];
    const ticket = ticketOf();
    const before = await world.admit(first.sessions, ticket);
    const epoch = before.actor?.epoch ?? 0;
    await world.admit(second.sessions, { ...ticket, lastEpoch: epoch });
    const [opened] = second.spans(SPAN.sessionOpen);
    assert.deepEqual(opened?.links, [ids(sessionSpanContext(ticket.sessionId, epoch))]);
    assert.equal(opened?.attributes[ATTRIBUTE.fromNode], world.node.id);
    assert.equal(Number(opened?.attributes[ATTRIBUTE.epoch]) > epoch, true);
  });

  it('one that is not let in fails, under ids of its own, and never closes', async () => {
    const { sessions, spans } = traced();
    await world.registry.setCordoned(world.node.id, true);
    await world.admit(sessions);
    await world.registry.setCordoned(world.node.id, false);
    const [refused] = spans(SPAN.sessionOpen);
    assert.match(refused?.status ?? '', /^error/);
    assert.equal(refused?.attributes[ATTRIBUTE.errorType], 'draining');
    assert.equal(spans(SPAN.sessionClose).length, 0);
  });
});
