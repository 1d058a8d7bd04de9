import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import {
  encodeOpen,
  encodeReason,
  encodeWindow,
  Frame,
  FrameType,
  Limit,
  type Stream,
  type StreamEnd,
} from '@culvert/mux';
import { freshRequest, Recorder } from '@culvert/mux/testing';
import { Switchboard, type TestAgent, type TestEdge } from './testing/switchboard.ts';

/** An edge, an agent, and a connection between them; RESUME is in force on the links that are `resumable`. */
function connected(resumable = { edge: true, agent: true }): {
  board: Switchboard;
  edge: TestEdge;
  agent: TestAgent;
  near: StreamEnd;
  far: Stream;
} {
  const board = new Switchboard();
  const edge = board.edge(null, resumable.edge);
  const agent = board.agent(undefined, { resumable: resumable.agent });
  return { board, edge, agent, ...connect(board, edge, agent) };
}

function connect(board: Switchboard, edge: TestEdge, agent: TestAgent): { near: StreamEnd; far: Stream } {
  const asked = edge.ask();
  board.deliver();
  const far = (agent.pending.shift() ?? assert.fail('the agent was not asked')).accept();
  board.deliver();
  return { near: asked.stream ?? assert.fail('not opened'), far };
}

/** Nothing is left of any connection, anywhere. */
function assertClean(board: Switchboard, edge: TestEdge, agent: TestAgent): void {
  board.deliver();
  assert.equal(board.live.size, 0);
  assert.deepEqual([edge.side.connections, agent.side.connections], [0, 0]);
  assert.deepEqual([edge.streams.size, agent.streams.size], [0, 0]);
}

describe('routing', () => {
  it('connections of several edges reach one agent under numbers of its own, and each its own bytes', () => {
    const board = new Switchboard();
    const agent = board.agent();
    const edges = [board.edge(), board.edge(), board.edge()];
    const pairs = edges.map((edge) => connect(board, edge, agent));
    assert.equal(agent.side.connections, 3);
    const seen = pairs.map(({ near, far }) => ({ near: new Recorder(near), far: new Recorder(far) }));
    for (const [i, { near, far }] of pairs.entries()) {
      near.write(Buffer.from(`up ${i}`));
      far.write(Buffer.from(`down ${i}`));
    }
    board.deliver();
    for (const [i, { near, far }] of seen.entries()) {
      assert.deepEqual([near.bytes.toString(), far.bytes.toString()], [`down ${i}`, `up ${i}`]);
    }
    const numbers = agent.side.circuits().map(({ edgeStream, agentStream }) => [edgeStream, agentStream]);
    assert.deepEqual(numbers, [
      [1, 1],
      [1, 2],
      [1, 3],
    ]);
  });

  it('one edge reaches several agents', () => {
    const board = new Switchboard();
    const edge = board.edge();
    const agents = [board.agent('s_1'), board.agent('s_2')];
    const asked = ['s_1', 's_2', 's_1'].map((sessionId) => edge.ask({ sessionId }));
    board.deliver();
    assert.deepEqual(
      agents.map(({ pending }) => pending.length),
      [2, 1],
    );
    for (const pending of agents.flatMap((agent) => agent.pending)) pending.accept();
    board.deliver();
    for (const { answers } of asked) assert.deepEqual(answers, ['opened']);
  });

  it('a session that is not here: wrong_owner, and nothing is kept', () => {
    const board = new Switchboard();
    const [edge, agent] = [board.edge(), board.agent()];
    const asked = edge.ask({ sessionId: 's_elsewhere' });
    board.deliver();
    assert.deepEqual(asked.answers, ['refused wrong_owner']);
    assertClean(board, edge, agent);
    assert.deepEqual(board.log, ['s_elsewhere refused wrong_owner'], 'and its host hears of it');
  });

  it("a local proxy's link opens its own session and no other", () => {
    const board = new Switchboard();
    board.agent('s_1');
    const other = board.agent('s_2');
    const edge = board.edge('s_1');
    const asked = [edge.ask({ sessionId: 's_2' }), edge.ask({ sessionId: 's_1' })];
    board.deliver();
    assert.deepEqual(
      asked.map(({ answers }) => answers),
      [['refused wrong_owner'], []],
    );
    assert.equal(other.pending.length, 0);
  });

  it('half-close, acknowledgements and pings pass, and bytes are counted per direction', () => {
    const { board, edge, agent, near, far } = connected();
    const [circuit] = agent.side.circuits();
    new Recorder(near);
    new Recorder(far);
    board.nowMs = 500;
    near.write(Buffer.alloc(100_000));
    board.deliver();
    assert.equal(circuit?.lastByteAtMs, 500);
    near.end();
    board.deliver();
    far.write(Buffer.alloc(40_000));
    board.deliver();
    assert.deepEqual([circuit?.bytesIn, circuit?.bytesOut], [100_000, 40_000]);
    assert.equal(board.live.size, 1, 'one direction is still open');
    far.end();
    assertClean(board, edge, agent);
    assert.deepEqual(board.log, ['both finished']);
  });
});

describe('the end of a connection', () => {
  for (const slow of ['edge', 'agent'] as const) {
    it(`is not before the ${slow} has passed everything on, the other's end included`, () => {
      const { board, edge, agent, near, far } = connected();
      const [late, prompt] = slow === 'edge' ? [near, far] : [far, near];
      new Recorder(late, false);
      new Recorder(prompt);
      for (const end of [near, far]) {
        end.write(Buffer.from('last words'));
        end.end();
      }
      board.deliver();
      assert.equal(board.live.size, 1);
      late.consume(10);
      late.consumeEnd();
      assertClean(board, edge, agent);
      assert.deepEqual(board.log, ['both finished']);
    });
  }
});

describe('endings: the connection is gone from both sides, and the host is told once', () => {
  it('refused', () => {
    const board = new Switchboard();
    const [edge, agent] = [board.edge(), board.agent()];
    const asked = edge.ask();
    board.deliver();
    agent.pending[0]?.refuse('target_denied', 'rule 3');
    assertClean(board, edge, agent);
    assert.deepEqual([asked.answers, board.log], [['refused target_denied'], ['agent target_denied']]);
  });

  it('taken back before the answer', () => {
    const board = new Switchboard();
    const [edge, agent] = [board.edge(), board.agent()];
    const asked = edge.ask();
    board.deliver();
    let cancelled = 0;
    agent.pending[0]?.onCancelled(() => {
      cancelled += 1;
    });
    asked.cancel();
    assertClean(board, edge, agent);
    assert.deepEqual([cancelled, board.log], [1, ['edge cancelled']]);
  });

  for (const by of ['edge', 'agent'] as const) {
    it(`reset by the ${by}: the code comes through, what waited does not`, () => {
      const { board, edge, agent, near, far } = connected();
      const [own, peer] = by === 'edge' ? [near, far] : [far, near];
      const seen = new Recorder(peer);
      const wires = by === 'edge' ? edge.wires : agent.wires;
      own.write(Buffer.alloc(1_000));
      // The bytes have come as far as the switch and wait there when the reset comes after them.
      while (wires.toSwitch.carry(Number.POSITIVE_INFINITY));
      own.reset('target_reset', 'why');
      while (wires.toSwitch.carry(Number.POSITIVE_INFINITY));
      const waiting = (by === 'edge' ? agent : edge).wires.toEnd.scheduler;
      assert.equal(waiting.bytesOf(1), 0);
      assertClean(board, edge, agent);
      assert.deepEqual([seen.bytes.length, seen.events], [0, ['closed', 'reset target_reset']]);
      assert.deepEqual(board.log, [`${by} target_reset`]);
    });
  }

  it("no resuming there, and the edge's link is lost: the agent is told, also of what it has not answered", () => {
    const { board, edge, agent, far } = connected({ edge: false, agent: false });
    const seen = new Recorder(far);
    edge.ask();
    board.deliver();
    let cancelled = 0;
    agent.pending[0]?.onCancelled(() => {
      cancelled += 1;
    });
    edge.side.lost('gone');
    edge.streams.lost('link_lost', 'gone');
    assertClean(board, edge, agent);
    assert.deepEqual([seen.events, cancelled], [['closed', 'reset link_lost'], 1]);
    assert.deepEqual(board.log, ['edge link_lost', 'edge link_lost']);
  });

  it("the agent's session is over: the edges are told, with the reason", () => {
    const { board, edge, agent, near } = connected();
    const seen = new Recorder(near);
    const asked = edge.ask();
    board.deliver();
    agent.side.endAll('agent', 'link_timeout', 'silent');
    agent.streams.lost('link_lost', '');
    assertClean(board, edge, agent);
    assert.deepEqual([seen.events, asked.answers], [['closed', 'reset link_timeout'], ['refused link_timeout']]);
    assert.deepEqual(board.log, ['agent link_timeout', 'agent link_timeout']);
  });

  it('ended by the worker: both sides are told', () => {
    const { board, edge, agent, near, far } = connected();
    const seen = [new Recorder(near), new Recorder(far)];
    agent.side.endAll('worker', 'session_closed', 'by an operator');
    assertClean(board, edge, agent);
    for (const { events } of seen) assert.deepEqual(events, ['closed', 'reset session_closed']);
    assert.deepEqual(board.log, ['worker session_closed']);
  });

  it('other connections of the same links go on', () => {
    const { board, edge, agent, near } = connected();
    const other = connect(board, edge, agent);
    const seen = new Recorder(other.far);
    near.reset('aborted');
    board.deliver();
    other.near.write(Buffer.from('still here'));
    board.deliver();
    assert.equal(seen.bytes.toString(), 'still here');
    assert.equal(board.live.size, 1);
  });
});

describe('faults', () => {
  const data = (stream: number, bytes = 1) => new Frame(FrameType.DATA, stream, 0, Buffer.alloc(bytes));

  it('W1: frames that an edge may not send', () => {
    const { edge } = connected();
    const { edge: older } = connected({ edge: false, agent: true });
    for (const type of ['RESUME', 'DETACH'] as const) {
      assert.throws(() => older.side.receive(new Frame(FrameType[type], 1)), { rule: 'W1' }, 'RESUME is not in force');
    }
    for (const type of ['OPENED', 'REFUSED', 'RESUMED', 'CLAIM'] as const) {
      assert.throws(() => edge.side.receive(new Frame(FrameType[type], 1)), { rule: 'W1', code: 'protocol_error' });
    }
  });

  it('W2: frames that an agent may not send', () => {
    const { agent } = connected();
    const { agent: older } = connected({ edge: true, agent: false });
    for (const type of ['RESUMED', 'DETACH'] as const) {
      assert.throws(() => older.side.receive(new Frame(FrameType[type], 1)), { rule: 'W2' }, 'RESUME is not in force');
    }
    for (const type of ['OPEN', 'RESUME', 'CLAIM'] as const) {
      assert.throws(() => agent.side.receive(new Frame(FrameType[type], 1)), { rule: 'W2', code: 'protocol_error' });
    }
  });

  it('T1 and T3: numbers that were never opened, or a second time', () => {
    const { edge, agent } = connected();
    for (const side of [edge.side, agent.side]) assert.throws(() => side.receive(data(2)), { rule: 'T1' });
    for (const number of [0, 1]) {
      const open = new Frame(FrameType.OPEN, number, 1_000, encodeOpen(freshRequest()));
      assert.throws(() => edge.side.receive(open), { rule: 'T3' });
    }
  });

  it('frames of a connection that is over are no fault', () => {
    const { board, edge, agent, near } = connected();
    near.reset('aborted');
    board.deliver();
    for (const frame of [data(1), new Frame(FrameType.RESET, 1, 0, encodeReason({ code: 'aborted', message: '' }))]) {
      edge.side.receive(frame);
      agent.side.receive(frame);
    }
    assertClean(board, edge, agent);
  });

  it('an OPEN that cannot be read is refused, and the link goes on', () => {
    const { board, edge, agent } = connected();
    edge.side.receive(new Frame(FrameType.OPEN, 2, 0, Buffer.alloc(3)));
    const refusal = edge.wires.toEnd.scheduler.next();
    assert.deepEqual([refusal?.type, refusal?.stream], [FrameType.REFUSED, 2]);
    assert.ok(refusal?.payload.includes('protocol_error'));
    assert.equal(board.live.size, 1);
    assert.equal(agent.side.connections, 1);
  });

  it("what one agent does wrong on a stream does not end the gateway's link, which carries everybody's", () => {
    const wrong: Frame[] = [
      data(1),
      new Frame(FrameType.PING, 1, 1),
      new Frame(FrameType.FIN, 1, 7),
      new Frame(FrameType.ACK, 1, 9, encodeWindow(1)),
      new Frame(FrameType.OPENED, 1, 0, Buffer.of(1)),
      new Frame(FrameType.OPENED, 1, 0, Buffer.from('ffffffff', 'hex')),
    ];
    for (const frame of wrong) {
      const board = new Switchboard();
      const [edge, agent, honest] = [board.edge(), board.agent('s_bad'), board.agent()];
      const { near } = connect(board, edge, honest);
      const asked = edge.ask({ sessionId: 's_bad' });
      board.deliver();
      agent.side.receive(frame);
      board.deliver();
      assert.deepEqual(asked.answers, ['refused protocol_error']);
      assert.equal(near.closed, false);
      assert.equal(board.live.size, 1);
    }
  });

  for (const by of ['edge', 'agent'] as const) {
    it(`flow_control_error: an ${by} that ignores its window does not fill the worker`, () => {
      const { board, edge, agent, near, far } = connected();
      const told = [new Recorder(near), new Recorder(far)];
      const [from, to] = by === 'edge' ? [edge, agent] : [agent, edge];
      for (let sent = 0; sent < 2 * Limit.WINDOW_BYTES && board.live.size > 0; sent += 65_536) {
        from.side.receive(new Frame(FrameType.DATA, 1, sent, Buffer.alloc(65_536)));
        assert.ok(to.wires.toEnd.scheduler.bytes <= Limit.WINDOW_BYTES + 2 * Limit.MESSAGE_BYTES);
      }
      assertClean(board, edge, agent);
      for (const { events } of told) assert.deepEqual(events, ['closed', 'reset flow_control_error']);
      assert.deepEqual(board.log, ['worker flow_control_error']);
    });
  }
});
