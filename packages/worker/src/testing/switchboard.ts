import { CulvertError, type ErrorCode } from '@culvert/base';
import {
  type Frame,
  type OpenRequest,
  type PendingStream,
  type StreamEnd,
  StreamStore,
  Streams,
  type StreamsOptions,
} from '@culvert/mux';
import { freshRequest, Lane, REQUEST } from '@culvert/mux/testing';
import type { Circuit, CircuitEnd, Port } from '../circuit.ts';
import { type AgentSide, type EdgeSide, type SessionHost, Switch } from '../switch.ts';

/** A link's two directions between the switch and one end. */
class Wires {
  readonly toEnd: Lane;
  readonly toSwitch: Lane;
  readonly port: Port;

  constructor(resumable: boolean, end: (frame: Frame) => void, side: (frame: Frame) => void) {
    this.toEnd = new Lane(end);
    this.toSwitch = new Lane(side);
    const { scheduler } = this.toEnd;
    this.port = {
      resumable,
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
  /** Streams that have lost this link and wait for another. */
  readonly detached: StreamEnd[] = [];

  constructor(board: Switchboard, onlySession: string | null, resumable: boolean) {
    this.wires = new Wires(
      resumable,
      (frame) => this.streams.receive(frame),
      (frame) => this.side.receive(frame),
    );
    this.side = board.switch.attachEdge(this.wires.port, onlySession);
    this.streams = streamsOver(this.wires, { detached: (stream) => this.detached.push(stream) });
  }

  /** Asks for a connection; `answers` tells what came of it. */
  ask(request: Partial<OpenRequest> = {}) {
    const answers: string[] = [];
    const asked: { answers: string[]; stream?: StreamEnd; cancel(): void } = {
      answers,
      cancel: () => opening.cancel(),
    };
    const opening = this.streams.open(freshRequest(request), {
      opened: (stream) => {
        answers.push('opened');
        asked.stream = stream;
      },
      refused: (code) => answers.push(`refused ${code}`),
    });
    return asked;
  }

  /** Goes on with a stream over this link; what came of it. */
  resume(stream: StreamEnd): string[] {
    const answers: string[] = [];
    this.streams.resume(stream, {
      resumed: (replayed) => answers.push(`resumed ${replayed}`),
      refused: (code) => answers.push(`refused ${code}`),
    });
    return answers;
  }
}

/** An agent on a link of its own. */
export class TestAgent {
  readonly side: AgentSide;
  readonly wires: Wires;
  readonly streams: Streams;
  readonly pending: PendingStream[] = [];

  constructor(board: Switchboard, resumable: boolean, store: StreamStore) {
    this.wires = new Wires(
      resumable,
      (frame) => this.streams.receive(frame),
      (frame) => this.side.receive(frame),
    );
    this.side = board.switch.attachAgent(this.wires.port);
    this.streams = streamsOver(this.wires, { store, accept: (pending) => this.pending.push(pending) });
  }
}

function streamsOver(wires: Wires, over: Partial<StreamsOptions>): Streams {
  const streams = new Streams({
    send: (frame) => wires.toSwitch.scheduler.push(frame),
    drop: (stream) => wires.toSwitch.scheduler.drop(stream),
    nowMs: () => 0,
    ...over,
  });
  streams.resumable = wires.port.resumable;
  return streams;
}

/** A switch between real ends, without sockets: what a frame leads to can be seen step by step. */
export class Switchboard implements SessionHost {
  nowMs = 0;
  readonly switch = new Switch(this, () => this.nowMs);
  /** Which session is whose; the place of `Sessions`. */
  readonly agents = new Map<string, TestAgent>();
  readonly live = new Set<Circuit>();
  readonly log: string[] = [];
  /** How many connections the agent has said to be open. */
  answers = 0;
  readonly #wires: Wires[] = [];

  edge(onlySession: string | null = null, resumable = true): TestEdge {
    const edge = new TestEdge(this, onlySession, resumable);
    this.#wires.push(edge.wires);
    return edge;
  }

  /** An agent's link; its streams are of `store`, whatever link they were on before. */
  agent(
    sessionId: string = REQUEST.sessionId,
    { resumable = true, store = new StreamStore({ nowMs: () => 0 }) } = {},
  ): TestAgent {
    const agent = new TestAgent(this, resumable, store);
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

  answered(circuit: Circuit): void {
    if (!this.live.has(circuit)) throw new Error('what is open has been opened');
    this.answers += 1;
  }

  refused({ sessionId }: OpenRequest, code: ErrorCode, resumed: boolean): void {
    if (!resumed) this.log.push(`${sessionId} refused ${code}`);
  }

  detached(circuit: Circuit, end: CircuitEnd): void {
    if (!this.live.delete(circuit)) throw new Error('a connection leaves once');
    this.log.push(`${end.by} detached ${end.reason}`);
  }

  ended(circuit: Circuit, end: CircuitEnd): void {
    if (!this.live.delete(circuit)) throw new Error('a connection ends once');
    this.log.push(`${end.by} ${end.reason}`);
  }
}
