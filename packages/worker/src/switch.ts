import { CulvertError, type ErrorCode } from '@culvert/base';
import {
  decodeOpen,
  decodeReason,
  decodeResume,
  encodeReason,
  Flag,
  Frame,
  FrameType,
  Limit,
  type OpenRequest,
  ProtocolError,
  STREAM_MAX,
} from '@culvert/mux';
import type { NodeBoot } from '@culvert/registry';
import { Circuit, type CircuitEnd, type Port, type Side } from './circuit.ts';

/** What the switch asks about sessions, and tells of their connections. */
export interface SessionHost {
  /**
   * The agent's side of a session that this worker owns and that may have one more connection; one that is `resumed`
   * counts already. @throws CulvertError
   */
  agentFor(sessionId: string, resumed: boolean): AgentSide;
  /** It is on its way through this worker; whether it comes to be is the agent's to say. */
  opened(circuit: Circuit): void;
  /** The agent has reached the target, or goes on with a connection that is `resumed`. */
  answered(circuit: Circuit): void;
  /** An OPEN, or a RESUME, that the worker itself refused with this code. */
  refused(request: OpenRequest, code: ErrorCode, resumed: boolean): void;
  /** It goes on over another path, or ends when the resume window does. */
  detached(circuit: Circuit, end: CircuitEnd): void;
  ended(circuit: Circuit, end: CircuitEnd): void;
}

/**
 * A stream may have at most a window in each direction under way, so no more can wait here; a peer that sends more is
 * told so by the other end, but this worker's memory must not depend on it.
 */
const MAX_QUEUED_BYTES = Limit.WINDOW_BYTES + Limit.MESSAGE_BYTES;

const FROM_EDGE = new Set<number>([
  FrameType.DATA,
  FrameType.ACK,
  FrameType.FIN,
  FrameType.RESET,
  FrameType.PING,
  FrameType.PONG,
]);
const FROM_AGENT = new Set<number>([...FROM_EDGE, FrameType.OPENED, FrameType.REFUSED]);
/** Only on links on which RESUME is in force. */
const FROM_RESUMABLE_EDGE = new Set<number>([...FROM_EDGE, FrameType.DETACH]);
const FROM_RESUMABLE_AGENT = new Set<number>([...FROM_AGENT, FrameType.RESUMED, FrameType.DETACH]);

/**
 * Passes frames from one link to another. It keeps no byte of any stream beyond what waits for a socket: the frame that
 * came in goes out again in the buffer it came in, with another stream number (ARCHITECTURE.md, the data path).
 */
export class Switch {
  readonly host: SessionHost;
  readonly nowMs: () => number;

  constructor(host: SessionHost, nowMs: () => number) {
    this.host = host;
    this.nowMs = nowMs;
  }

  /** `onlySession`: what a local proxy's ticket was for; null lets it open any. */
  attachEdge(port: Port, onlySession: string | null, peer?: NodeBoot): EdgeSide {
    return new EdgeSide(this, port, onlySession, peer);
  }

  attachAgent(port: Port): AgentSide {
    return new AgentSide(this, port);
  }

  /** Ends a circuit: both sides are told what they do not know yet. */
  end(circuit: Circuit, end: CircuitEnd, code?: ErrorCode): void {
    if (!circuit.edge.remove(circuit)) return;
    circuit.agent.remove(circuit);
    if (code !== undefined) {
      const payload = encodeReason({ code, message: end.message });
      if (end.by !== 'edge') tellReset(circuit.edge.port, circuit.edgeStream, payload);
      if (end.by !== 'agent') tellReset(circuit.agent.port, circuit.agentStream, payload);
    }
    this.host.ended(circuit, end);
  }

  /**
   * A circuit leaves this worker and its connection does not end. Whoever does not know it yet is told; where the two
   * ends cannot resume, that is the end all the same.
   */
  detach(circuit: Circuit, end: CircuitEnd): void {
    if (!circuit.resumable) return this.end(circuit, { ...end, reason: 'link_lost' }, 'link_lost');
    if (!circuit.edge.remove(circuit)) return;
    circuit.agent.remove(circuit);
    if (end.by !== 'edge') tellDetach(circuit.edge.port, circuit.edgeStream);
    if (end.by !== 'agent') tellDetach(circuit.agent.port, circuit.agentStream);
    this.host.detached(circuit, end);
  }

  /** Both ends have all of the other's bytes: nothing is left to carry. */
  endIfDone(circuit: Circuit): void {
    if (circuit.done) this.end(circuit, { by: 'both', reason: 'finished', message: '' });
  }
}

function tellDetach(port: Port, stream: number): void {
  port.drop(stream);
  port.send(new Frame(FrameType.DETACH, stream));
}

function tellReset(port: Port, stream: number, payload: Buffer): void {
  port.drop(stream);
  port.send(new Frame(FrameType.RESET, stream, 0, payload));
}

/** The switch's end of a path from an edge: a gateway's link, a local proxy's, or the worker's own proxy front. */
export class EdgeSide implements Side {
  readonly port: Port;
  readonly #switch: Switch;
  readonly #onlySession: string | null;
  readonly #circuits = new Map<number, Circuit>();
  readonly peer?: NodeBoot;
  #highest = 0;

  constructor(owner: Switch, port: Port, onlySession: string | null, peer?: NodeBoot) {
    this.#switch = owner;
    this.port = port;
    this.#onlySession = onlySession;
    if (peer !== undefined) this.peer = peer;
  }

  get connections(): number {
    return this.#circuits.size;
  }

  /** @throws ProtocolError when the edge breaks a rule that ends its link */
  receive(frame: Frame): void {
    const { resumable } = this.port;
    if (frame.type === FrameType.OPEN) return this.#open(frame);
    if (frame.type === FrameType.RESUME && resumable) return this.#open(frame);
    if (!(resumable ? FROM_RESUMABLE_EDGE : FROM_EDGE).has(frame.type))
      throw new ProtocolError('W1', `frame type 0x${frame.type.toString(16)} from an edge`);
    const circuit = this.#circuits.get(frame.stream);
    if (circuit === undefined) {
      if (frame.stream > this.#highest) throw new ProtocolError('T1', `stream ${frame.stream} was never opened`);
      return;
    }
    if (frame.type === FrameType.DATA) {
      circuit.bytesIn += frame.payload.length;
      circuit.lastByteAtMs = this.#switch.nowMs();
    } else if (frame.type === FrameType.RESET) {
      const { code, message } = decodeReason(frame.payload, 'RESET');
      circuit.agent.port.drop(circuit.agentStream);
      this.#forward(circuit, frame);
      return this.#switch.end(circuit, { by: 'edge', reason: code, message });
    } else if (frame.type === FrameType.DETACH) {
      circuit.movedOn = true;
      return this.#switch.detach(circuit, { by: 'edge', reason: 'left', message: 'the edge goes on elsewhere' });
    } else if (frame.type === FrameType.ACK && (frame.flags & Flag.ACK_END) !== 0) {
      circuit.passedOnAll('edge');
    }
    this.#forward(circuit, frame);
    this.#switch.endIfDone(circuit);
  }

  /** The path is gone. */
  lost(message: string): void {
    for (const circuit of [...this.#circuits.values()]) {
      this.#switch.detach(circuit, { by: 'edge', reason: 'link_lost', message });
    }
  }

  /** @internal True when the circuit was there. */
  remove(circuit: Circuit): boolean {
    return this.#circuits.delete(circuit.edgeStream);
  }

  #forward(circuit: Circuit, frame: Frame): void {
    frame.stream = circuit.agentStream;
    const port = circuit.agent.port;
    port.send(frame);
    if (frame.type === FrameType.DATA && port.queuedBytesOf(circuit.agentStream) > MAX_QUEUED_BYTES) {
      const end: CircuitEnd = { by: 'worker', reason: 'flow_control_error', message: 'the edge ignores its window' };
      this.#switch.end(circuit, end, 'flow_control_error');
    }
  }

  /** OPEN, or RESUME: a connection comes to this worker. */
  #open(frame: Frame): void {
    const number = frame.stream;
    const resumed = frame.type === FrameType.RESUME;
    let request: OpenRequest | undefined;
    if (number <= this.#highest) throw new ProtocolError('T3', `stream ${number} after ${this.#highest}`);
    this.#highest = number;
    try {
      request = resumed ? decodeResume(frame.payload).request : decodeOpen(frame.payload);
      if (this.#circuits.size >= Limit.STREAMS_PER_LINK) {
        throw new CulvertError('limit_exceeded', 'the link carries too many streams');
      }
      if (this.#onlySession !== null && this.#onlySession !== request.sessionId) {
        throw new CulvertError('wrong_owner', 'the ticket of this link is for another session');
      }
      const agent = this.#switch.host.agentFor(request.sessionId, resumed);
      if (resumed && !agent.port.resumable) {
        throw new CulvertError('unknown_stream', 'the agent of this session knows of no resuming');
      }
      const circuit = new Circuit(request, this, number, agent, agent.nextStream(), this.#switch.nowMs(), resumed);
      if (resumed) {
        circuit.goesOnAfter('bytesOut', frame.value);
        if ((frame.flags & Flag.ACK_END) !== 0) circuit.passedOnAll('edge');
      }
      this.#circuits.set(number, circuit);
      agent.add(circuit);
      this.#switch.host.opened(circuit);
      this.#forward(circuit, frame);
    } catch (error) {
      if (!(error instanceof CulvertError)) throw error;
      if (request !== undefined) this.#switch.host.refused(request, error.code, resumed);
      const payload = encodeReason({ code: error.code, message: error.message });
      this.port.send(new Frame(FrameType.REFUSED, number, 0, payload));
    }
  }
}

/** The switch's end of one agent's link. */
export class AgentSide implements Side {
  readonly port: Port;
  readonly #switch: Switch;
  readonly #circuits = new Map<number, Circuit>();
  #highest = 0;

  constructor(owner: Switch, port: Port) {
    this.#switch = owner;
    this.port = port;
  }

  get connections(): number {
    return this.#circuits.size;
  }

  circuits(): Circuit[] {
    return [...this.#circuits.values()];
  }

  /** @throws CulvertError limit_exceeded after four billion connections over one link */
  nextStream(): number {
    if (this.#highest >= STREAM_MAX)
      throw new CulvertError('limit_exceeded', 'the link has used up its stream numbers');
    this.#highest += 1;
    return this.#highest;
  }

  /** @throws ProtocolError when the agent breaks a rule that ends its link */
  receive(frame: Frame): void {
    if (!(this.port.resumable ? FROM_RESUMABLE_AGENT : FROM_AGENT).has(frame.type))
      throw new ProtocolError('W2', `frame type 0x${frame.type.toString(16)} from an agent`);
    const circuit = this.#circuits.get(frame.stream);
    if (circuit === undefined) {
      if (frame.stream > this.#highest) throw new ProtocolError('T1', `stream ${frame.stream} was never opened`);
      return;
    }
    switch (frame.type) {
      case FrameType.DATA:
        circuit.bytesOut += frame.payload.length;
        circuit.lastByteAtMs = this.#switch.nowMs();
        break;
      case FrameType.OPENED:
        if (!circuit.open) this.#switch.host.answered(circuit);
        circuit.open = true;
        break;
      case FrameType.RESUMED:
        if (!circuit.open) this.#switch.host.answered(circuit);
        circuit.open = true;
        circuit.goesOnAfter('bytesIn', frame.value);
        if ((frame.flags & Flag.ACK_END) !== 0) circuit.passedOnAll('agent');
        break;
      case FrameType.REFUSED:
      case FrameType.RESET:
        return this.#ended(circuit, frame);
      case FrameType.DETACH:
        circuit.movedOn = true;
        return this.#switch.detach(circuit, { by: 'agent', reason: 'left', message: 'the agent goes on elsewhere' });
      case FrameType.ACK:
        if ((frame.flags & Flag.ACK_END) !== 0) circuit.passedOnAll('agent');
        break;
    }
    this.#forward(circuit, frame);
    this.#switch.endIfDone(circuit);
  }

  /** Lets every connection of the session go on elsewhere. `by` 'agent': its link is gone. */
  detachAll(by: 'agent' | 'worker', reason: string, message: string): void {
    for (const circuit of this.circuits()) this.#switch.detach(circuit, { by, reason, message });
  }

  /** Ends every connection of the session; the edges are told `code`. */
  endAll(by: 'agent' | 'worker', code: ErrorCode, message: string): void {
    for (const circuit of this.circuits()) this.#switch.end(circuit, { by, reason: code, message }, code);
  }

  /** @internal */
  add(circuit: Circuit): void {
    this.#circuits.set(circuit.agentStream, circuit);
  }

  /** @internal */
  remove(circuit: Circuit): boolean {
    return this.#circuits.delete(circuit.agentStream);
  }

  #ended(circuit: Circuit, frame: Frame): void {
    const refused = frame.type === FrameType.REFUSED;
    const { code, message } = decodeReason(frame.payload, refused ? 'REFUSED' : 'RESET');
    circuit.edge.port.drop(circuit.edgeStream);
    this.#forward(circuit, frame);
    this.#switch.end(circuit, { by: 'agent', reason: code, message });
  }

  #forward(circuit: Circuit, frame: Frame): void {
    frame.stream = circuit.edgeStream;
    const port = circuit.edge.port;
    port.send(frame);
    if (frame.type === FrameType.DATA && port.queuedBytesOf(circuit.edgeStream) > MAX_QUEUED_BYTES) {
      const end: CircuitEnd = { by: 'worker', reason: 'flow_control_error', message: 'the agent ignores its window' };
      this.#switch.end(circuit, end, 'flow_control_error');
    }
  }
}
