import { CulvertError, type ErrorCode, type Logger } from '@culvert/base';
import type { LinkSocket } from '@culvert/link';
import type { AgentTicket } from '@culvert/service';
import type { Circuit } from './circuit.ts';
import type { AgentSide } from './switch.ts';

/**
 * What a session is in, and what belongs to it then. `connecting`: the link is there and the claim under way; from
 * `idle` on this worker owns the session. Later releases add `moving` and `handed_off` between busy and closed.
 */
export type SessionState =
  | { readonly phase: 'connecting' }
  | { readonly phase: 'idle'; readonly epoch: number; readonly sinceMs: number }
  | { readonly phase: 'busy'; readonly epoch: number; readonly sinceMs: number }
  | { readonly phase: 'closed'; readonly epoch: number | null; readonly end: SessionEnd };

export interface SessionEnd {
  readonly code: ErrorCode;
  readonly message: string;
  /** Who ended it. */
  readonly by: 'agent' | 'operator' | 'worker' | 'registry';
  /** The agent must not come back. */
  readonly final: boolean;
}

export interface SessionActorOptions {
  readonly ticket: AgentTicket;
  readonly link: LinkSocket;
  readonly side: AgentSide;
  readonly logger: Logger;
  /** Wall clock, ms. */
  readonly now: () => number;
  /** Something that the registry should know has changed. */
  readonly changed: (actor: SessionActor) => void;
  /** Told once, after the end. */
  readonly closed: (actor: SessionActor, end: SessionEnd) => void;
}

/**
 * Stands for one session on the worker that owns it, and is the only one that changes its state. Each method is one
 * message, handled to its end before the next: checking and closing are one step, so no connection slips in between.
 */
export class SessionActor {
  readonly ticket: AgentTicket;
  readonly side: AgentSide;
  readonly #link: LinkSocket;
  readonly #logger: Logger;
  readonly #options: SessionActorOptions;
  #state: SessionState = { phase: 'connecting' };
  #connectedAtMs = 0;
  /** Bytes of connections that are over; those of open ones are counted by their circuits. */
  #bytesIn = 0;
  #bytesOut = 0;
  /** The session is to leave this worker, and why; carried out when its last connection ends. */
  #leaving: SessionEnd | undefined;

  constructor(options: SessionActorOptions) {
    this.#options = options;
    this.ticket = options.ticket;
    this.side = options.side;
    this.#link = options.link;
    this.#logger = options.logger;
  }

  get id(): string {
    return this.ticket.sessionId;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** The epoch under which this worker owns the session; null before the claim. */
  get epoch(): number | null {
    return this.#state.phase === 'connecting' ? null : this.#state.epoch;
  }

  get connections(): number {
    return this.side.connections;
  }

  get connectedAtMs(): number {
    return this.#connectedAtMs;
  }

  /** Towards the targets, over all connections of this ownership. */
  get bytesIn(): number {
    return this.side.circuits().reduce((sum, circuit) => sum + circuit.bytesIn, this.#bytesIn);
  }

  get bytesOut(): number {
    return this.side.circuits().reduce((sum, circuit) => sum + circuit.bytesOut, this.#bytesOut);
  }

  /** The claim succeeded: this worker owns the session. */
  claimed(epoch: number, connectedAtMs: number): void {
    if (this.#state.phase !== 'connecting') return;
    this.#connectedAtMs = connectedAtMs;
    this.#state = { phase: 'idle', epoch, sinceMs: this.#options.now() };
    this.#logger.info({ event: 'session.open', epoch, agent_id: this.ticket.agentId }, 'session opened');
  }

  /** Asked before each new connection. @throws CulvertError session_offline, limit_exceeded */
  admitConnection(): AgentSide {
    if (this.#state.phase !== 'idle' && this.#state.phase !== 'busy') {
      throw new CulvertError('session_offline', 'the session is not open on this worker', { retryAfterSeconds: 1 });
    }
    if (this.connections >= this.ticket.connectionLimit) {
      throw new CulvertError(
        'limit_exceeded',
        `the session has its limit of ${this.ticket.connectionLimit} connections`,
      );
    }
    return this.side;
  }

  connectionOpened(): void {
    if (this.#state.phase === 'idle') {
      this.#state = { phase: 'busy', epoch: this.#state.epoch, sinceMs: this.#options.now() };
    }
    this.#options.changed(this);
  }

  connectionEnded(circuit: Circuit): void {
    this.#bytesIn += circuit.bytesIn;
    this.#bytesOut += circuit.bytesOut;
    if (this.#state.phase === 'busy' && this.connections === 0) {
      this.#state = { phase: 'idle', epoch: this.#state.epoch, sinceMs: this.#options.now() };
    }
    if (this.#state.phase === 'closed') return;
    this.#options.changed(this);
    if (this.#leaving !== undefined) this.closeIfIdle(this.#leaving);
  }

  /** Closes the session unless a connection is open. False: it is busy. */
  closeIfIdle(end: SessionEnd): boolean {
    if (this.connections > 0) return false;
    this.close(end);
    return true;
  }

  /**
   * Closes the session now or when its last connection ends. A busy one goes on taking connections until then: its
   * agent knows no other place yet.
   */
  closeWhenIdle(end: SessionEnd): void {
    if (!this.closeIfIdle(end)) this.#leaving = end;
  }

  /** Closes the session; its connections are reset. */
  close(end: SessionEnd): void {
    if (this.#state.phase === 'closed') return;
    const epoch = this.epoch;
    const connections = this.connections;
    this.#state = { phase: 'closed', epoch, end };
    this.side.endAll(end.by === 'agent' ? 'agent' : 'worker', end.code, end.message);
    this.#link.machine.end({ code: end.code, message: end.message, final: end.final });
    const fields = { event: 'session.close', epoch, by: end.by, code: end.code, connections, final: end.final };
    this.#logger.info(fields, `session closed by ${end.by}: ${end.message}`);
    this.#options.closed(this, end);
  }
}
