import type { Frame, OpenRequest } from '@culvert/mux';
import type { NodeBoot } from '@culvert/registry';

/** Where frames leave: a link, or the edge inside this process. */
export interface Port {
  /** Both sides of the path know of RESUME. */
  readonly resumable: boolean;
  send(frame: Frame): void;
  drop(stream: number): void;
  /** Bytes of one stream that wait to leave. */
  queuedBytesOf(stream: number): number;
}

/** The switch's end of one path; it knows the circuits that use it. */
export interface Side {
  readonly port: Port;
  /** The node of the cluster at the far end; absent: it is none. */
  readonly peer?: NodeBoot;
  /** True when the circuit was there. */
  remove(circuit: Circuit): boolean;
}

/** One connection on its way through this worker: which stream of which link goes on as which stream of which other. */
export class Circuit {
  readonly request: OpenRequest;
  /** It goes on from another path: this worker has not seen it open. */
  readonly resumed: boolean;
  readonly edge: Side;
  readonly edgeStream: number;
  readonly agent: Side;
  readonly agentStream: number;
  readonly openedAtMs: number;
  /** When it came to this worker. */
  readonly cameAtMs: number;
  lastByteAtMs: number;
  /** Bytes towards the target. */
  bytesIn = 0;
  /** Bytes towards the browser. */
  bytesOut = 0;
  /** Of these, what other paths had carried before. */
  readonly #before = { bytesIn: 0, bytesOut: 0 };
  /** The agent has reached the target. */
  open = false;
  #edgeDone = false;
  #agentDone = false;
  /** Which side said first that it has no more to send; undefined: neither has, or it was on another path. */
  endedFirst: 'browser' | 'target' | undefined;
  /** An end has said that it goes on elsewhere: what becomes of the connection is not for this worker to tell. */
  movedOn = false;

  constructor(
    request: OpenRequest,
    edge: Side,
    edgeStream: number,
    agent: Side,
    agentStream: number,
    nowMs: number,
    resumed = false,
  ) {
    this.request = request;
    this.resumed = resumed;
    this.edge = edge;
    this.edgeStream = edgeStream;
    this.agent = agent;
    this.agentStream = agentStream;
    this.openedAtMs = nowMs - (request.ageMs ?? 0);
    this.cameAtMs = nowMs;
    this.lastByteAtMs = nowMs;
  }

  /** It goes on here after so many bytes of one direction. */
  goesOnAfter(direction: 'bytesIn' | 'bytesOut', bytes: number): void {
    this[direction] = bytes;
    this.#before[direction] = bytes;
  }

  /** What has passed on this circuit. */
  get carried(): { readonly bytesIn: number; readonly bytesOut: number } {
    return { bytesIn: this.bytesIn - this.#before.bytesIn, bytesOut: this.bytesOut - this.#before.bytesOut };
  }

  /** Names the connection, on whatever circuits it is: its key, which nobody else can choose. */
  get key(): string {
    return Buffer.from(this.request.key).toString('hex');
  }

  /** Both ends have said that they passed on everything, the other's FIN included: the connection is over. */
  get done(): boolean {
    return this.#edgeDone && this.#agentDone;
  }

  /** An end has passed on everything: so the other was the one that had ended its direction. */
  passedOnAll(end: 'edge' | 'agent'): void {
    if (end === 'edge') this.#edgeDone = true;
    else this.#agentDone = true;
    this.endedFirst ??= end === 'edge' ? 'target' : 'browser';
  }

  /** The connection may go on over another path when this one is lost. */
  get resumable(): boolean {
    return this.edge.port.resumable && this.agent.port.resumable;
  }

  get target(): string {
    const { host, port } = this.request;
    return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  }
}

/** Who ended a connection, and how. */
export interface CircuitEnd {
  readonly by: 'edge' | 'agent' | 'worker' | 'both';
  /** `finished`, `refused`, or the code of a reset. */
  readonly reason: string;
  readonly message: string;
}
