import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { FrameType, type Stream, type StreamEnd, StreamStore } from '@culvert/mux';
import { Recorder } from '@culvert/mux/testing';
import { Switchboard, type TestAgent, type TestEdge } from './testing/switchboard.ts';

type Resumable = { readonly edge: boolean; readonly agent: boolean };

/** A connection through the switch; `agentAgain` is the same agent over another link. */
class Path {
  readonly board = new Switchboard();
  readonly store = new StreamStore({ nowMs: () => 0 });
  readonly edge: TestEdge;
  readonly agent: TestAgent;
  readonly near: StreamEnd;
  readonly far: Stream;

  constructor(resumable: Resumable = { edge: true, agent: true }) {
    this.edge = this.board.edge(null, resumable.edge);
    this.agent = this.board.agent(undefined, { resumable: resumable.agent, store: this.store });
    const asked = this.edge.ask();
    this.board.deliver();
    this.far = (this.agent.pending.shift() ?? assert.fail('the agent was not asked')).accept();
    this.board.deliver();
    this.near = asked.stream ?? assert.fail('not opened');
  }

  agentAgain(): TestAgent {
    return this.board.agent(undefined, { store: this.store });
  }

  /** The edge's link is gone, for both who had it. */
  loseEdge(): void {
    this.edge.side.lost('gone');
    this.edge.streams.lost('link_lost', 'gone');
    this.board.deliver();
  }

  loseAgent(): void {
    this.agent.side.detachAll('agent', 'link_timeout', 'silent');
    this.agent.streams.lost('link_lost', 'gone');
    this.board.deliver();
  }
}

describe('where RESUME is in force, a connection outlives its links', () => {
  it("the edge's link is lost: the agent is told to wait, and goes on over the next one", () => {
    const path = new Path();
    const seen = [new Recorder(path.near), new Recorder(path.far)];
    path.near.write(Buffer.from('one '));
    path.board.deliver();
    path.loseEdge();
    assert.deepEqual(path.board.log, ['edge detached link_lost']);
    assert.deepEqual([path.board.live.size, path.agent.side.connections, path.store.detached], [0, 0, 1]);
    path.near.write(Buffer.from('two '));
    path.far.write(Buffer.from('back'));
    const edge = path.board.edge();
    const answers = edge.resume(path.near);
    path.board.deliver();
    assert.deepEqual(answers, ['resumed 4'], 'what was consumed is not sent again');
    assert.deepEqual(
      seen.map(({ bytes, events }) => [bytes.toString(), events]),
      [
        ['back', []],
        ['one two ', []],
      ],
    );
  });

  it("the agent's link is lost: the edge is told to wait, and the agent is found on its next link", () => {
    const path = new Path();
    const seen = [new Recorder(path.near), new Recorder(path.far)];
    path.loseAgent();
    assert.deepEqual(path.edge.detached, [path.near]);
    assert.deepEqual(path.board.log, ['agent detached link_timeout']);
    const agent = path.agentAgain();
    path.edge.resume(path.near);
    path.board.deliver();
    assert.deepEqual([agent.side.connections, path.board.live.size], [1, 1]);
    path.near.write(Buffer.from('up'));
    path.far.write(Buffer.from('down'));
    path.board.deliver();
    assert.deepEqual(
      seen.map(({ bytes }) => bytes.toString()),
      ['down', 'up'],
    );
  });

  it('an open without an answer: the edge hears link_lost, and asks again', () => {
    const path = new Path();
    const asked = path.edge.ask();
    path.board.deliver();
    path.loseAgent();
    assert.deepEqual(asked.answers, ['refused link_lost']);
    assert.equal(path.store.size, 2, 'the agent dials on');
  });

  for (const by of ['edge', 'agent'] as const) {
    it(`the ${by} leaves: the other side is told, once`, () => {
      const path = new Path();
      const told: number[] = [];
      const other = by === 'edge' ? path.agent : path.edge;
      const receive = other.streams.receive.bind(other.streams);
      other.streams.receive = (frame) => {
        told.push(frame.type);
        receive(frame);
      };
      path[by].streams.leave();
      path.board.deliver();
      assert.deepEqual(told, [FrameType.DETACH]);
      assert.deepEqual([path.board.live.size, path.board.log], [0, [`${by} detached left`]]);
      assert.deepEqual(
        [path.near.attached, path.store.detached, path.near.closed || path.far.closed],
        [false, 1, false],
      );
    });
  }

  it('over another link while the first still lives: the first one is freed of it', () => {
    const path = new Path();
    const edge = path.board.edge();
    path.edge.streams.leave();
    const agent = path.agentAgain();
    edge.resume(path.near);
    path.board.deliver();
    assert.deepEqual([path.agent.side.connections, agent.side.connections], [0, 1]);
    assert.deepEqual([path.edge.side.connections, edge.side.connections], [0, 1]);
  });

  it('a circuit that comes in resumed counts from where the ends are, and keeps its age', () => {
    const path = new Path();
    new Recorder(path.near);
    new Recorder(path.far);
    path.near.write(Buffer.alloc(300));
    path.far.write(Buffer.alloc(500));
    path.board.deliver();
    path.loseEdge();
    path.board.nowMs = 9_000;
    path.board.edge().resume(path.near);
    path.board.deliver();
    const [circuit] = path.board.live;
    assert.deepEqual([circuit?.resumed, circuit?.open], [true, true]);
    assert.deepEqual([circuit?.bytesIn, circuit?.bytesOut], [300, 500]);
    assert.equal(circuit?.openedAtMs, 9_000, 'the ends have a clock of their own, which stood');
  });

  for (const last of ['edge', 'agent'] as const) {
    it(`of which only the ${last}'s last word was missing is over once that has passed`, () => {
      const path = new Path();
      new Recorder(path.near, last !== 'edge');
      new Recorder(path.far, last !== 'agent');
      const late = last === 'edge' ? path.near : path.far;
      path.near.end();
      path.far.end();
      path.board.deliver();
      path.loseEdge();
      late.consumeEnd();
      const edge = path.board.edge();
      edge.resume(path.near);
      path.board.deliver();
      assert.deepEqual(path.board.log, ['edge detached link_lost', 'both finished']);
      assert.deepEqual([path.near.closed, path.far.closed, path.near.broken], [true, true, undefined]);
      assert.deepEqual([path.board.live.size, edge.side.connections, edge.streams.size], [0, 0, 0]);
    });
  }

  it('refused by the agent: over, and told once', () => {
    const path = new Path();
    path.loseEdge();
    path.board.agent(undefined, { store: new StreamStore({ nowMs: () => 0 }) });
    const edge = path.board.edge();
    const answers = edge.resume(path.near);
    path.board.deliver();
    assert.deepEqual(answers, ['refused unknown_stream']);
    assert.deepEqual(path.board.log, ['edge detached link_lost', 'agent unknown_stream']);
    assert.equal(edge.side.connections, 0);
  });

  it('a session that is not here, or whose agent knows of no resuming: refused, and nothing is kept', () => {
    const path = new Path();
    path.loseEdge();
    path.board.agents.clear();
    const edge = path.board.edge();
    const elsewhere = edge.resume(path.near);
    path.board.deliver();
    assert.deepEqual(elsewhere, ['refused wrong_owner']);
    const older = path.board.agent(undefined, { resumable: false });
    const unable = edge.resume(path.near);
    path.board.deliver();
    assert.deepEqual(unable, ['refused unknown_stream']);
    assert.deepEqual([edge.side.connections, older.side.connections, path.board.live.size], [0, 0, 0]);
    assert.equal(path.near.closed, false, 'what becomes of it is not the switch’s to say');
  });
});

describe('where only one of the two knows of RESUME, a lost link is the end', () => {
  for (const able of ['edge', 'agent'] as const) {
    const resumable: Resumable = { edge: able === 'edge', agent: able === 'agent' };
    for (const lost of ['edge', 'agent'] as const) {
      it(`the ${able} does, the ${lost}'s link is lost: RESET link_lost to the other`, () => {
        const path = new Path(resumable);
        const other = new Recorder(lost === 'edge' ? path.far : path.near);
        if (lost === 'edge') path.edge.side.lost('gone');
        else path.agent.side.detachAll('agent', 'link_timeout', 'silent');
        path.board.deliver();
        assert.deepEqual(other.events, ['closed', 'reset link_lost']);
        assert.deepEqual([path.board.live.size, path.board.log.length], [0, 1]);
      });
    }

    it(`the ${able} does, and leaves: the other is told in words that it knows`, () => {
      const path = new Path(resumable);
      const other = new Recorder(able === 'edge' ? path.far : path.near);
      path[able].streams.leave();
      path.board.deliver();
      assert.deepEqual(other.events, ['closed', 'reset link_lost']);
      assert.equal(path.board.live.size, 0);
    });
  }
});
