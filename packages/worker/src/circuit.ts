import type { OpenRequest } from '@culvert/mux';
import type { AgentSide, EdgeSide } from './switch.ts';

/** One connection on its way through this worker: which stream of which link goes on as which stream of which other. */
export class Circuit {
  readonly request: OpenRequest;
  readonly edge: EdgeSide;
  readonly edgeStream: number;
  readonly agent: AgentSide;
  readonly agentStream: number;
  readonly openedAtMs: number;
  lastByteAtMs: number;
  /** Bytes towards the target. */
  bytesIn = 0;
  /** Bytes towards the browser. */
  bytesOut = 0;
  /** The agent has reached the target. */
  open = false;
  /** Which ends have said that they passed on everything, the other's FIN included. Both: the connection is over. */
  edgeDone = false;
  agentDone = false;

  constructor(
    request: OpenRequest,
    edge: EdgeSide,
    edgeStream: number,
    agent: AgentSide,
    agentStream: number,
    nowMs: number,
  ) {
    this.request = request;
    this.edge = edge;
    this.edgeStream = edgeStream;
    this.agent = agent;
    this.agentStream = agentStream;
    this.openedAtMs = nowMs;
    this.lastByteAtMs = nowMs;
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
