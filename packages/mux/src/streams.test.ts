import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { REQUEST, Recorder, SMALL_WINDOW, StreamPair } from './testing/stream-pair.ts';

const abc = Buffer.from('abc');

describe('opening', () => {
  it('accepted: both ends have the stream, with the request at the agent', () => {
    const pair = new StreamPair();
    const asked = pair.ask({ ...REQUEST, traceparent: '00-1-2-01' });
    assert.deepEqual(asked.answers, []);
    pair.deliver();
    assert.deepEqual({ ...pair.pending[0]?.request, key: 0 }, { ...REQUEST, traceparent: '00-1-2-01', key: 0 });
    const agent = pair.pending[0]?.accept();
    pair.deliver();
    assert.deepEqual(asked.answers, ['opened']);
    assert.equal(asked.stream?.credit, SMALL_WINDOW.initialBytes);
    assert.equal(agent?.credit, SMALL_WINDOW.initialBytes);
    assert.throws(() => pair.pending[0]?.accept(), { code: 'cancelled' });
    pair.agent.resetAll('shutting_down', '');
    pair.assertClean();
  });

  it('refused: the code comes through', () => {
    const pair = new StreamPair();
    const asked = pair.ask();
    pair.deliver();
    pair.pending[0]?.refuse('target_denied', 'rule 3');
    pair.deliver();
    pair.pending[0]?.refuse('internal', 'a second answer is none');
    pair.deliver();
    assert.deepEqual(asked.answers, ['refused target_denied']);
    pair.assertClean();
  });

  it('a code that this release does not know is taken for target_unreachable', () => {
    const pair = new StreamPair();
    const asked = pair.ask();
    pair.deliver();
    pair.pending[0]?.refuse('from_the_future' as 'internal', '');
    pair.deliver();
    assert.deepEqual(asked.answers, ['refused target_unreachable']);
  });

  it('cancelled before the answer: the agent is told once, and may still look at its leisure', () => {
    const pair = new StreamPair();
    const asked = pair.ask();
    pair.deliver();
    const told: string[] = [];
    pair.pending[0]?.onCancelled(() => told.push('cancelled'));
    asked.opening.cancel();
    asked.opening.cancel();
    pair.deliver();
    pair.pending[0]?.onCancelled(() => told.push('late'));
    assert.deepEqual(told, ['cancelled', 'late']);
    assert.throws(() => pair.pending[0]?.accept(), { code: 'cancelled' });
    assert.deepEqual(asked.answers, []);
    pair.assertClean();
  });

  it('cancelled while the answer is under way: the stream that opened is reset, and nobody is answered', () => {
    const pair = new StreamPair();
    const asked = pair.ask();
    pair.deliver();
    const agent = new Recorder(pair.pending[0]?.accept() ?? assert.fail());
    asked.opening.cancel();
    pair.deliver();
    assert.deepEqual(asked.answers, []);
    assert.deepEqual(agent.events, ['closed', 'reset cancelled']);
    pair.assertClean();
  });

  it('one too many is refused: by the edge itself, and by an agent that takes fewer', () => {
    const pair = new StreamPair({ edgeMaxStreams: 2, agentMaxStreams: 1 });
    const [first, second] = [pair.ask(), pair.ask()];
    assert.throws(() => pair.ask(), { code: 'limit_exceeded' });
    pair.deliver();
    assert.deepEqual([first.answers, second.answers], [[], ['refused limit_exceeded']]);
    assert.equal(pair.pending.length, 1);
    first.opening.cancel();
    pair.ask();
    pair.deliver();
    assert.equal(pair.pending.length, 2, 'there is room again');
  });

  it('numbers rise and are not used again', () => {
    const pair = new StreamPair();
    const numbers: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      pair.ask();
      numbers.push(pair.toAgent.scheduler.next()?.stream ?? 0);
      pair.edge.lost('link_lost', '');
    }
    assert.deepEqual(numbers, [1, 2, 3]);
  });
});

describe('half-close', () => {
  for (const [first, second] of [
    ['edge', 'agent'],
    ['agent', 'edge'],
  ] as const) {
    it(`the ${first} ends first; the other direction goes on`, () => {
      const pair = new StreamPair();
      const ends = pair.open();
      const seen = { edge: new Recorder(ends.edge), agent: new Recorder(ends.agent) };
      ends[first].write(abc);
      ends[first].end();
      pair.deliver();
      assert.deepEqual(seen[second].events, ['end']);
      assert.equal(seen[second].bytes.toString(), 'abc');
      assert.equal(ends[first].credit, 0);
      assert.throws(() => ends[first].write(abc), RangeError);
      // Enough to be acknowledged before its end is.
      ends[second].write(Buffer.alloc(600, 'abc'));
      pair.deliver();
      assert.equal(seen[first].bytes.length, 600);
      assert.equal(ends.edge.closed || ends.agent.closed, false);
      ends[second].end();
      pair.deliver();
      assert.deepEqual(seen[first].events, ['end', 'closed']);
      assert.deepEqual(seen[second].events, ['end', 'closed']);
      pair.assertClean();
    });
  }

  it('both at once', () => {
    const pair = new StreamPair();
    const { edge, agent } = pair.open();
    const seen = [new Recorder(edge), new Recorder(agent)];
    edge.end();
    agent.end();
    edge.end();
    pair.deliver();
    for (const { events } of seen) assert.deepEqual(events, ['end', 'closed']);
    pair.assertClean();
  });

  it('the stream stays open until the end was passed on, not only received', () => {
    const pair = new StreamPair();
    const { edge, agent } = pair.open();
    new Recorder(edge);
    const slow = new Recorder(agent, false);
    edge.write(abc);
    edge.end();
    agent.end();
    pair.deliver();
    assert.deepEqual(slow.events, ['end']);
    assert.equal(edge.closed, false);
    agent.consume(3);
    agent.consumeEnd();
    agent.consumeEnd();
    pair.deliver();
    assert.deepEqual(slow.events, ['end', 'closed']);
    assert.equal(edge.closed, true);
    pair.assertClean();
  });
});

describe('reset', () => {
  for (const by of ['edge', 'agent'] as const) {
    it(`by the ${by}: terminal for both, once`, () => {
      const pair = new StreamPair();
      const ends = pair.open();
      const own = new Recorder(ends[by]);
      const other = by === 'edge' ? 'agent' : 'edge';
      const peer = new Recorder(ends[other]);
      ends[by].reset('target_reset', 'why');
      ends[by].reset('internal', 'a second time is nothing');
      ends[other].write(abc);
      pair.deliver();
      assert.deepEqual(own.events, ['closed']);
      assert.deepEqual(peer.events, ['closed', 'reset target_reset']);
      for (const end of [ends.edge, ends.agent]) {
        end.write(abc);
        end.end();
        end.consume(1);
        end.consumeEnd();
        assert.equal(end.credit, 0);
      }
      pair.assertClean();
    });
  }

  it('drops what waits to be sent', () => {
    const pair = new StreamPair();
    const { edge, agent } = pair.open();
    const seen = new Recorder(agent);
    edge.write(abc);
    edge.end();
    edge.reset('aborted');
    assert.equal(pair.toAgent.scheduler.bytesOf(1), 0);
    pair.deliver();
    assert.equal(seen.bytes.length, 0);
    assert.deepEqual(seen.events, ['closed', 'reset aborted']);
    pair.assertClean();
  });
});

describe('before attach', () => {
  it('what happened is told in order', () => {
    const pair = new StreamPair();
    const { edge, agent } = pair.open();
    new Recorder(edge);
    edge.write(abc);
    edge.write(abc);
    edge.end();
    pair.deliver();
    const late = new Recorder(agent);
    assert.equal(late.bytes.toString(), 'abcabc');
    agent.end();
    pair.deliver();
    assert.deepEqual(late.events, ['end', 'closed']);
    pair.assertClean();
  });

  it('of a stream that was reset meanwhile, only the reset is told', () => {
    const pair = new StreamPair();
    const { edge, agent } = pair.open();
    edge.write(abc);
    pair.deliver();
    edge.reset('aborted');
    pair.deliver();
    const late = new Recorder(agent);
    assert.equal(late.bytes.length, 0);
    assert.deepEqual(late.events, ['closed', 'reset aborted']);
  });

  it('a handler that resets at the first event hears no more of them', () => {
    const pair = new StreamPair();
    const { edge, agent } = pair.open();
    edge.write(abc);
    edge.write(abc);
    edge.end();
    pair.deliver();
    const heard: string[] = [];
    agent.attach({
      data: () => {
        heard.push('data');
        agent.reset('aborted');
      },
      end: () => heard.push('end'),
      reset: () => heard.push('reset'),
      writable: () => heard.push('writable'),
    });
    assert.deepEqual(heard, ['data']);
  });
});

describe('the path', () => {
  it('abandon: every stream ends here, whatever it was in, and nothing is sent', () => {
    const pair = new StreamPair();
    const { edge, agent } = pair.open();
    const seen = [new Recorder(edge), new Recorder(agent)];
    const asked = pair.ask();
    pair.deliver();
    let cancelled = 0;
    pair.pending[0]?.onCancelled(() => {
      cancelled += 1;
    });
    let emptied = 0;
    pair.edge.whenEmpty(() => {
      emptied += 1;
    });
    for (const end of [pair.edge, pair.agent]) end.lost('link_lost', 'gone');
    assert.ok(pair.toAgent.idle && pair.toEdge.idle);
    for (const { events } of seen) assert.deepEqual(events, ['closed', 'reset link_lost']);
    assert.deepEqual([asked.answers, cancelled, emptied], [['refused link_lost'], 1, 1]);
    pair.assertClean();
  });

  it('resetAll: every stream ends at both ends, and the owners on this side hear of it, too', () => {
    for (const by of ['edge', 'agent'] as const) {
      const pair = new StreamPair();
      const { edge, agent } = pair.open();
      const seen = [new Recorder(edge), new Recorder(agent)];
      const asked = pair.ask();
      pair.deliver();
      let cancelled = 0;
      pair.pending[0]?.onCancelled(() => {
        cancelled += 1;
      });
      pair[by].resetAll('shutting_down', 'stopping');
      pair.deliver();
      for (const { events } of seen) assert.deepEqual(events, ['closed', 'reset shutting_down'], by);
      assert.deepEqual([asked.answers, cancelled], [['refused shutting_down'], 1], by);
      pair.assertClean();
    }
  });

  it('whenEmpty calls at once when there is nothing', () => {
    let called = 0;
    new StreamPair().edge.whenEmpty(() => {
      called += 1;
    });
    assert.equal(called, 1);
  });
});
