import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { Frame } from './frame.ts';
import { encodeOpen, encodeResume, encodeWindow } from './payloads.ts';
import { StreamEnd } from './stream.ts';
import { RESUME_MS, ResumePair } from './testing/resume-pair.ts';
import { freshRequest, Recorder } from './testing/stream-pair.ts';
import { FrameType, HEADER_BYTES } from './wire.ts';

const bytes = (length: number, from = 0) => Buffer.from(Array.from({ length }, (_, i) => (from + i) % 251));

/** A pair with one open stream whose two ends pass everything on at once. */
function opened(auto = { edge: true, agent: true }) {
  const pair = new ResumePair();
  const ends = pair.open();
  const seen = { edge: new Recorder(ends.edge, auto.edge), agent: new Recorder(ends.agent, auto.agent) };
  return { pair, ...ends, seen };
}

describe('a stream outlives its path', () => {
  /** Everything that a short connection does, both ways, with half-close. */
  function conversation() {
    const world = opened();
    const { edge, agent } = world;
    edge.write(bytes(300));
    agent.write(bytes(200));
    edge.write(bytes(400, 300));
    edge.end();
    agent.write(bytes(350, 200));
    agent.end();
    return world;
  }

  /** What was written has arrived once, in order, and both sides ended in good order. */
  function assertWhole({ pair, edge, agent, seen }: ReturnType<typeof conversation>, when: string): void {
    assert.deepEqual(seen.agent.bytes, bytes(700), when);
    assert.deepEqual(seen.edge.bytes, bytes(550), when);
    // An end whose peer's last word was lost goes on waiting for it; nothing is lost by that.
    for (const stream of [edge, agent]) if (!stream.closed) stream.leave();
    pair.wait(RESUME_MS);
    if (!edge.closed) edge.expire('');
    for (const { events } of [seen.edge, seen.agent]) {
      assert.deepEqual(
        events.filter((event) => event !== 'writable'),
        ['end', 'closed'],
        when,
      );
    }
    assert.deepEqual([edge.broken, agent.broken], [undefined, undefined], when);
    pair.assertClean();
  }

  const wireBytes = 1_000_000 - conversation().pair.path.carry(1_000_000);

  it('cut after any byte: all of them arrive once and in order, and the ends, too', () => {
    assert.ok(wireBytes > 1_250, `${wireBytes} bytes`);
    for (let at = 0; at <= wireBytes; at += 1) {
      const world = conversation();
      world.pair.path.carry(at);
      world.pair.replacePath();
      if (!world.edge.closed) world.pair.resume(world.edge);
      world.pair.deliver();
      assertWhole(world, `cut after ${at} bytes`);
    }
  });

  it('cut again while it is being resumed, and once more', () => {
    for (let at = 0; at <= wireBytes; at += 97) {
      for (const [second, third] of [
        [0, 20],
        [50, 120],
        [130, 170],
        [200, 700],
        [900, 40],
      ] as const) {
        const world = conversation();
        world.pair.path.carry(at);
        for (const next of [second, third, Number.POSITIVE_INFINITY]) {
          world.pair.replacePath();
          if (!world.edge.closed) world.pair.resume(world.edge);
          world.pair.path.carry(next);
        }
        assertWhole(world, `cut after ${at}, ${second} and ${third} bytes`);
      }
    }
  });

  it('what had arrived and was not passed on yet is sent again, and told once; its end, too', () => {
    const { pair, edge, agent, seen } = opened({ edge: true, agent: false });
    edge.write(bytes(300));
    edge.write(bytes(200, 300));
    edge.end();
    pair.deliver();
    agent.consume(120);
    pair.replacePath();
    const answers = pair.resume(edge);
    pair.deliver();
    assert.deepEqual([answers, seen.agent.bytes, seen.agent.events], [['resumed 380'], bytes(500), ['end']]);
    assert.deepEqual([agent.bytesReceived, agent.unconsumed], [500, 380]);
    agent.consume(380);
    agent.consumeEnd();
    agent.end();
    pair.deliver();
    assert.deepEqual(
      [seen.edge.events, seen.agent.events],
      [
        ['end', 'closed'],
        ['end', 'closed'],
      ],
    );
    pair.assertClean();
  });

  it('a frame of which only the first part had arrived is sent again whole, and its rest is told', () => {
    const { pair, edge, agent, seen } = opened({ edge: true, agent: false });
    edge.write(bytes(300));
    pair.path.toAgent.carry(HEADER_BYTES + 100);
    assert.equal(agent.bytesReceived, 100);
    pair.replacePath();
    const answers = pair.resume(edge);
    pair.deliver();
    assert.deepEqual([answers, seen.agent.bytes], [['resumed 300'], bytes(300)]);
  });

  it('only one end has noticed the loss: the agent leaves the old path for the new one', () => {
    const { pair, edge, agent, seen } = opened();
    const old = pair.path;
    edge.write(bytes(100));
    old.cutAt('edge');
    pair.connect();
    const answers = pair.resume(edge);
    pair.deliver();
    assert.deepEqual(answers, ['resumed 100']);
    assert.equal(old.agent.size, 0);
    const types: number[] = [];
    for (let frame = old.toEdge.scheduler.next(); frame !== undefined; frame = old.toEdge.scheduler.next())
      types.push(frame.type);
    assert.deepEqual(types, [FrameType.DETACH], 'the worker there is told');
    assert.deepEqual([seen.agent.bytes, agent.attached], [bytes(100), true]);
  });

  it('frames that come late over the old path are ignored', () => {
    const { pair, edge, agent, seen } = opened();
    const old = pair.path;
    edge.write(bytes(100));
    const late = old.toAgent.scheduler.next() ?? assert.fail();
    edge.leave();
    pair.connect();
    pair.resume(edge);
    pair.deliver();
    old.agent.receive(late);
    edge.write(bytes(50, 100));
    pair.deliver();
    assert.deepEqual([seen.agent.bytes, agent.closed], [bytes(150), false]);
  });

  it('asked for over a second path while the first attempt is still without an answer: the later one counts', () => {
    const { pair, edge, agent } = opened();
    const first = pair.replacePath();
    const overtaken = pair.resume(edge);
    const resume = first.toAgent.scheduler.next() ?? assert.fail();
    first.cutAt('edge');
    assert.deepEqual(overtaken, ['refused link_lost']);
    pair.connect();
    const answers = pair.resume(edge);
    pair.deliver();
    assert.deepEqual(answers, ['resumed 0']);
    first.agent.receive(resume);
    assert.equal(first.toEdge.scheduler.next()?.type, FrameType.DETACH, 'the stale attempt is sent away');
    edge.write(bytes(10));
    pair.deliver();
    assert.equal(agent.bytesReceived, 10, 'and the stream stays where it was');
  });
});

describe('while it has no path', () => {
  it('a stream takes what its windows allow, and sends it later', () => {
    const { pair, edge, agent, seen } = opened();
    pair.path.cut();
    assert.deepEqual([edge.attached, edge.detachedAtMs, edge.credit], [false, 0, 1_000]);
    edge.write(bytes(1_000));
    assert.equal(edge.credit, 0);
    assert.throws(() => edge.write(bytes(1)), RangeError);
    agent.write(bytes(70));
    agent.end();
    pair.wait(500);
    pair.connect();
    const answers = pair.resume(edge);
    pair.deliver();
    assert.deepEqual(answers, ['resumed 1000']);
    assert.deepEqual(
      [seen.agent.bytes, seen.edge.bytes, seen.edge.events],
      [bytes(1_000), bytes(70), ['writable', 'end']],
    );
    assert.deepEqual([edge.gapMs, edge.detachedAtMs], [500, undefined]);
  });

  it('what is passed on is told with the resume: nobody waits for credit that was given long ago', () => {
    const { pair, edge, agent, seen } = opened({ edge: false, agent: false });
    edge.write(bytes(1_000));
    agent.write(bytes(1_000));
    pair.deliver();
    pair.path.cut();
    edge.consume(1_000);
    agent.consume(1_000);
    pair.connect();
    pair.resume(edge);
    pair.deliver();
    assert.deepEqual([edge.credit, agent.credit], [1_000, 1_000]);
    assert.deepEqual([seen.edge.events, seen.agent.events], [['writable'], ['writable']]);
  });

  it('what is passed on between RESUME and its answer is told as well', () => {
    const { pair, edge, agent } = opened({ edge: false, agent: false });
    agent.write(bytes(1_000));
    pair.deliver();
    pair.replacePath();
    pair.resume(edge);
    edge.consume(1_000);
    pair.deliver();
    assert.equal(agent.credit, 1_000);
    assert.equal(edge.bytesReceived, 1_000);
  });

  it('nothing in flight: nothing is sent again', () => {
    const { pair, edge } = opened();
    edge.write(bytes(600));
    pair.deliver();
    pair.replacePath();
    const answers = pair.resume(edge);
    pair.deliver();
    assert.deepEqual([answers, edge.unacknowledged], [['resumed 0'], 0]);
  });

  for (const by of ['edge', 'agent'] as const) {
    it(`reset by the ${by}: the other one hears the code as soon as there is a path`, () => {
      const { pair, edge, agent, seen } = opened();
      pair.path.cut();
      const [own, other] = by === 'edge' ? [edge, seen.agent] : [agent, seen.edge];
      own.reset('target_reset', 'why');
      pair.connect();
      const answers = pair.resume(edge);
      pair.deliver();
      if (by === 'edge') assert.deepEqual([answers, other.events], [['resumed 0'], ['closed', 'reset target_reset']]);
      else assert.deepEqual([answers, edge.closed], [['refused target_reset'], false], 'the asker ends it');
      if (by === 'agent') edge.breakOff('target_reset', 'as told');
      pair.wait(RESUME_MS);
      pair.assertClean();
    });
  }

  it('reset by the edge while the answer to its RESUME is under way', () => {
    const { pair, edge, seen } = opened();
    pair.replacePath();
    const answers = pair.resume(edge);
    pair.path.toAgent.carry(Number.POSITIVE_INFINITY);
    edge.reset('aborted');
    pair.deliver();
    assert.deepEqual([answers, seen.agent.events], [['resumed 0'], ['closed', 'reset aborted']]);
    pair.assertClean();
  });
});

describe('ends that were not heard', () => {
  it("the agent's last word was lost: RESUMED with the end flag, and the edge ends in good order", () => {
    const { pair, edge, agent, seen } = opened();
    agent.end();
    pair.deliver();
    edge.write(bytes(90));
    edge.end();
    while (pair.path.toAgent.carry(Number.POSITIVE_INFINITY));
    assert.deepEqual([agent.closed, edge.closed], [true, false]);
    pair.replacePath();
    const answers = pair.resume(edge);
    pair.deliver();
    assert.deepEqual([answers, edge.closed, edge.broken], [['resumed 0'], true, undefined]);
    assert.deepEqual(seen.edge.events, ['end', 'closed']);
    pair.assertClean();
  });

  it("the edge's last word was lost: the agent ends in good order when its window is over", () => {
    const { pair, edge, agent, seen } = opened();
    edge.end();
    pair.deliver();
    agent.end();
    while (pair.path.toEdge.carry(Number.POSITIVE_INFINITY));
    assert.deepEqual([edge.closed, agent.closed], [true, false]);
    pair.path.cut();
    pair.wait(RESUME_MS - 1);
    assert.equal(agent.closed, false);
    pair.wait(1);
    assert.deepEqual([seen.agent.events, agent.broken], [['end', 'closed'], undefined]);
    pair.assertClean();
  });

  it('an edge that passed everything on while it had no path says so over the next one', () => {
    const { pair, edge, agent, seen } = opened({ edge: false, agent: true });
    edge.end();
    agent.write(bytes(40));
    agent.end();
    pair.deliver();
    pair.path.cut();
    edge.consume(40);
    edge.consumeEnd();
    pair.connect();
    pair.resume(edge);
    pair.deliver();
    assert.deepEqual(seen.agent.events, ['end', 'closed']);
    assert.deepEqual(seen.edge.events, ['end', 'closed']);
    pair.assertClean();
  });

  it('the end is remembered for the resume window, and not longer', () => {
    const { pair, edge, agent } = opened();
    agent.reset('target_reset');
    pair.path.cut();
    pair.connect();
    pair.wait(RESUME_MS - 1);
    const remembered = pair.resume(edge);
    pair.deliver();
    pair.wait(1);
    const forgotten = pair.resume(edge);
    pair.deliver();
    assert.deepEqual([remembered, forgotten], [['refused target_reset'], ['refused unknown_stream']]);
  });
});

describe('an OPEN whose answer was lost with its path', () => {
  const again = (request: ReturnType<typeof freshRequest>, attempt = 1) => ({ ...request, attempt });

  it('while the agent still dials: it answers over the new path', () => {
    const pair = new ResumePair();
    const request = freshRequest();
    const lost = pair.ask(request);
    pair.deliver();
    pair.replacePath();
    assert.deepEqual([lost.answers, pair.store.detached], [['refused link_lost'], 1]);
    const asked = pair.ask(again(request));
    pair.deliver();
    assert.deepEqual([pair.pending.length, pair.store.detached], [1, 0], 'the dial is the one that was under way');
    new Recorder(pair.pending[0]?.accept() ?? assert.fail());
    pair.deliver();
    assert.deepEqual(asked.answers, ['opened']);
    asked.stream?.reset('aborted');
    pair.assertClean();
  });

  it('after the agent had accepted, and sent: all of it comes over the new path', () => {
    const pair = new ResumePair();
    const request = freshRequest();
    pair.ask(request);
    pair.deliver();
    const agent = pair.pending[0]?.accept() ?? assert.fail();
    agent.write(bytes(300));
    pair.replacePath();
    agent.write(bytes(100, 300));
    const asked = pair.ask(again(request));
    pair.deliver();
    const seen = new Recorder(asked.stream ?? assert.fail('not opened'));
    assert.deepEqual([asked.answers, seen.bytes, pair.pending.length], [['opened'], bytes(400), 1]);
    asked.stream?.reset('aborted');
    pair.assertClean();
  });

  it('accepted while there was no path at all', () => {
    const pair = new ResumePair();
    const request = freshRequest();
    pair.ask(request);
    pair.deliver();
    pair.path.cut();
    pair.wait(1_000);
    const agent = pair.pending[0]?.accept();
    assert.ok(agent instanceof StreamEnd);
    assert.equal(agent.detachedAtMs, 1_000);
    pair.connect();
    const asked = pair.ask(again(request));
    pair.deliver();
    assert.deepEqual([asked.answers, agent.attached], [['opened'], true]);
    asked.stream?.reset('aborted');
    pair.assertClean();
  });

  it('after the agent had refused: the same refusal again', () => {
    const pair = new ResumePair();
    const request = freshRequest();
    pair.ask(request);
    pair.deliver();
    pair.pending[0]?.refuse('target_denied', 'rule 3');
    pair.replacePath();
    const asked = pair.ask(again(request));
    pair.deliver();
    assert.deepEqual([asked.answers, pair.pending.length], [['refused target_denied'], 1]);
  });

  it('with less room for the answer than the first time: it opens all the same', () => {
    const pair = new ResumePair();
    const request = freshRequest();
    pair.ask(request);
    pair.deliver();
    const agent = pair.pending[0]?.accept() ?? assert.fail();
    agent.write(bytes(600));
    pair.replacePath();
    // What other connections took meanwhile.
    pair.budgets.edge.reserve(pair.budgets.edge.limit);
    const asked = pair.ask(again(request));
    pair.deliver();
    assert.deepEqual(asked.answers, ['opened']);
    const seen = new Recorder(asked.stream ?? assert.fail());
    pair.deliver();
    assert.deepEqual(seen.bytes, bytes(600));
  });

  it('that nobody asks for again: the dial is given up when the window is over', () => {
    const pair = new ResumePair();
    pair.ask();
    pair.deliver();
    let cancelled = 0;
    pair.pending[0]?.onCancelled(() => {
      cancelled += 1;
    });
    pair.path.cut();
    pair.wait(RESUME_MS - 1);
    assert.equal(cancelled, 0);
    pair.wait(1);
    assert.equal(cancelled, 1);
    pair.assertClean();
  });

  it('overtaken by a later one: DETACH', () => {
    const pair = new ResumePair();
    const request = freshRequest();
    pair.ask(again(request, 3));
    pair.deliver();
    const asked = pair.ask(again(request, 2));
    pair.deliver();
    assert.deepEqual([asked.answers, pair.pending.length], [['refused link_lost'], 1]);
  });
});

describe('what cannot go on', () => {
  /** A RESUME as an edge might send it that has lost count. */
  function claimed(stream: StreamEnd, offset: number, window = 1_000) {
    const request = { ...stream.request, attempt: stream.attempt + 1 };
    return new Frame(FrameType.RESUME, 1, offset, encodeResume({ window, request }));
  }

  for (const [what, offset] of [
    ['above what was sent', 101],
    ['below what was acknowledged', 599],
  ] as const) {
    it(`a consumed offset ${what}: offset_mismatch, and the agent's end is over`, () => {
      const { pair, edge, agent, seen } = opened();
      agent.write(bytes(what.startsWith('below') ? 600 : 100));
      pair.deliver();
      pair.replacePath();
      pair.path.agent.receive(claimed(edge, offset));
      assert.equal(pair.path.toEdge.scheduler.next()?.type, FrameType.REFUSED);
      assert.deepEqual(
        [agent.broken?.code, seen.agent.events],
        ['offset_mismatch', ['closed', 'reset offset_mismatch']],
      );
    });
  }

  it('an agent whose consumed offset is impossible: the edge ends it on both sides', () => {
    const { pair, edge, seen } = opened();
    pair.replacePath();
    const answers = pair.resume(edge);
    pair.path.toAgent.carry(Number.POSITIVE_INFINITY);
    pair.path.toEdge.scheduler.next();
    pair.path.edge.receive(new Frame(FrameType.RESUMED, 1, 7, encodeWindow(1_000)));
    pair.deliver();
    assert.deepEqual(answers, ['refused offset_mismatch']);
    assert.deepEqual(seen.agent.events, ['closed', 'reset offset_mismatch']);
    assert.equal(pair.path.edge.size, 0);
  });

  it('a key that the agent does not know: unknown_stream', () => {
    const { pair, edge } = opened();
    pair.path.cut();
    const other = new ResumePair();
    const answers = other.resume(edge);
    other.deliver();
    assert.deepEqual(answers, ['refused unknown_stream']);
  });

  it('a key that is only being opened is none that could be resumed', () => {
    const pair = new ResumePair();
    const request = freshRequest();
    pair.ask(request);
    pair.deliver();
    pair.path.agent.receive(
      new Frame(FrameType.RESUME, 2, 0, encodeResume({ window: 1, request: { ...request, attempt: 1 } })),
    );
    assert.equal(pair.path.toEdge.scheduler.next()?.type, FrameType.REFUSED);
    assert.equal(pair.store.size, 1, 'and the open goes on');
  });

  it('a second stream under a key in use, where RESUME is not in force: refused, and the first goes on', () => {
    const { pair, edge, agent } = opened();
    pair.path.agent.resumable = false;
    pair.path.agent.receive(new Frame(FrameType.OPEN, 9, 1_000, encodeOpen({ ...edge.request, attempt: 5 })));
    assert.equal(pair.path.toEdge.scheduler.next()?.type, FrameType.REFUSED);
    assert.deepEqual([agent.attached, pair.pending.length], [true, 0]);
  });

  it('nobody comes back in time: resume_expired on both sides, and every byte of the budgets is given back', () => {
    const { pair, edge, agent, seen } = opened({ edge: false, agent: false });
    edge.write(bytes(500));
    agent.write(bytes(500));
    pair.deliver();
    pair.path.cut();
    assert.equal(pair.store.nextDeadlineMs, RESUME_MS);
    pair.wait(RESUME_MS - 1);
    assert.deepEqual([agent.closed, pair.store.detached], [false, 1]);
    pair.wait(1);
    edge.expire('no path');
    assert.deepEqual(seen.agent.events, ['closed', 'reset resume_expired']);
    assert.deepEqual(seen.edge.events, ['closed', 'reset resume_expired']);
    assert.equal(pair.store.nextDeadlineMs, undefined);
    pair.assertClean();
  });

  it('the window begins anew with each loss', () => {
    const { pair, edge, agent } = opened();
    pair.path.cut();
    pair.wait(RESUME_MS - 1);
    pair.connect();
    pair.resume(edge);
    pair.deliver();
    assert.equal(pair.store.nextDeadlineMs, undefined);
    pair.path.cut();
    pair.wait(RESUME_MS - 1);
    assert.equal(agent.closed, false);
    pair.wait(1);
    assert.equal(agent.closed, true);
  });

  it('where RESUME is not in force a lost path is the end, as it ever was', () => {
    const { pair, edge, agent, seen } = opened();
    pair.path.edge.resumable = false;
    pair.path.agent.resumable = false;
    assert.throws(() => pair.path.edge.resume(edge, { resumed: () => undefined, refused: () => undefined }), {
      code: 'link_lost',
    });
    pair.path.cut();
    assert.deepEqual([edge.closed, agent.closed, pair.detached.length], [true, true, 0]);
    for (const { events } of [seen.edge, seen.agent]) assert.deepEqual(events, ['closed', 'reset link_lost']);
    pair.assertClean();
  });
});
