import { CulvertError } from '@culvert/base';
import { type Frame, type OpenRequest, type PendingStream, type Stream, Streams } from '@culvert/mux';
import { Lane, REQUEST } from '@culvert/mux/testing';
import type { Circuit, CircuitEnd, Port } from '../circuit.ts';
import { type AgentSide, type EdgeSide, type SessionHost, Switch } from '../switch.ts';

/** A link's two directions between the switch and one end. */
class Wires {
  readonly toEnd: Lane;
  readonly toSwitch: Lane;
  readonly port: Port;

  constructor(end: (frame: Frame) => void, side: (frame: Frame) => void) {
    this.toEnd = new Lane(end);
    this.toSwitch = new Lane(side);
    const { scheduler } = this.toEnd;
    this.port = {
      send: (frame) => scheduler.push(frame),
      drop: (stream) => scheduler.drop(stream),
      queuedBytesOf: (stream) => scheduler.bytesOf(stream),
    };
  }
}

/** An edge on a link of its own. */
export class TestEdge {
  readonly side: EdgeSide;
  readonly wires: Wires;
  readonly streams: Streams;

  constructor(board: Switchboard, onlySession: string | null) {
    this.wires = new Wires(
      (frame) => this.streams.receive(frame),
      (frame) => this.side.receive(frame),
    );
    this.side = board.switch.attachEdge(this.wires.port, onlySession);
    this.streams = streamsOver(this.wires);
  }

  /** Asks for a connection; `answers` tells what came of it. */
  ask(request: Partial<OpenRequest> = {}) {
    const answers: string[] = [];
    const asked: { answers: string[]; stream?: Stream; cancel(): void } = {
      answers,
      cancel: () => opening.cancel(),
    };
    const opening = this.streams.open(
      { ...REQUEST, ...request },
      {
        opened: (stream) => {
          answers.push('opened');
          asked.stream = stream;
        },
        refused: (code) => answers.push(`refused ${code}`),
      },
    );
    return asked;
  }
}

/** An agent on a link of its own. */
export class TestAgent {
  readonly side: AgentSide;
  readonly wires: Wires;
  readonly streams: Streams;
  readonly pending: PendingStream[] = [];

  constructor(board: Switchboard) {
    this.wires = new Wires(
      (frame) => this.streams.receive(frame),
      (frame) => this.side.receive(frame),
    );
    this.side = board.switch.attachAgent(this.wires.port);
    this.streams = streamsOver(this.wires, (pending) => this.pending.push(pending));
  }
}

function streamsOver(wires: Wires, accept?: (pending: PendingStream) => void): Streams {
  return new Streams({
    send: (frame) => wires.toSwitch.scheduler.push(frame),
    drop: (stream) => wires.toSwitch.scheduler.drop(stream),
    nowMs: () => 0,
    ...(accept === undefined ? {} : { accept }),
  });
}

/** A switch between real ends, without sockets: what a frame leads to can be seen step by step. */
export class Switchboard implements SessionHost {
  nowMs = 0;
  readonly switch = new Switch(this, () => this.nowMs);
  /** Which session is whose; the place of `Sessions`. */
  readonly agents = new Map<string, TestAgent>();
  readonly live = new Set<Circuit>();
  readonly log: string[] = [];
  readonly #wires: Wires[] = [];

  edge(onlySession: string | null = null): TestEdge {
    const edge = new TestEdge(this, onlySession);
    this.#wires.push(edge.wires);
    return edge;
  }

  agent(sessionId: string = REQUEST.sessionId): TestAgent {
    const agent = new TestAgent(this);
    this.#wires.push(agent.wires);
    this.agents.set(sessionId, agent);
    return agent;
  }

  /** Carries everything over all links until nothing is left. */
  deliver(): void {
    const lanes = this.#wires.flatMap(({ toEnd, toSwitch }) => [toEnd, toSwitch]);
    while (lanes.some((lane) => lane.carry(Number.POSITIVE_INFINITY)));
  }

  agentFor(sessionId: string): AgentSide {
    const agent = this.agents.get(sessionId);
    if (agent === undefined) throw new CulvertError('wrong_owner', 'this worker does not own the session');
    return agent.side;
  }

  opened(circuit: Circuit): void {
    this.live.add(circuit);
  }

  ended(circuit: Circuit, end: CircuitEnd): void {
    if (!this.live.delete(circuit)) throw new Error('a connection ends once');
    this.log.push(`${end.by} ${end.reason}`);
  }
}
