import { type Clock, CulvertError, type ErrorCode, type LogFields, type Logger } from '@culvert/base';
import type { LinkTransport } from '@culvert/link';
import type { Advice, LinkEnd } from '@culvert/mux';
import type { AgentTicket } from '@culvert/service';
import type { Circuit } from './circuit.ts';
import type { AgentSide } from './switch.ts';

/**
 * What a session is in, and what belongs to it then. `connecting`: the link is there and the claim under way. From
 * `idle` on this worker owns the session. `moving`: its agent was asked to go elsewhere, and is served until it has.
 * `away`: its link was lost, and the agent may come back within the resume window. `handed_off`: a newer owner has it,
 * and what is left on the link is on its way there.
 */
export type SessionState =
  | { readonly phase: 'connecting' }
  | { readonly phase: 'idle'; readonly epoch: number; readonly sinceMs: number }
  | { readonly phase: 'busy'; readonly epoch: number; readonly sinceMs: number }
  | { readonly phase: 'moving'; readonly epoch: number; readonly sinceMs: number; readonly target: string | null }
  | { readonly phase: 'away'; readonly epoch: number; readonly sinceMs: number; readonly cancel: () => void }
  | { readonly phase: 'handed_off'; readonly epoch: number; readonly sinceMs: number; readonly cancel: () => void }
  | { readonly phase: 'closed'; readonly epoch: number | null; readonly end: SessionEnd };

/**
 * How long what is left of a session that has moved may take to follow, ms: an agent that has gone takes it along in a round
 * trip. One that has not gone (the newer claim came to nothing) is sent to look for an owner after that.
 */
const HAND_OFF_MS = 3_000;

export interface SessionEnd {
  readonly code: ErrorCode;
  readonly message: string;
  /** Who ended it. */
  readonly by: 'agent' | 'operator' | 'worker' | 'registry';
  /** The agent must not come back. */
  readonly final: boolean;
}

/** Who wants a session elsewhere: for the log. */
export interface Asker {
  readonly by: 'deployment' | 'operator' | 'worker';
  readonly deployment?: string;
}

const BY_WORKER: Asker = { by: 'worker' };

export function askerFields({ by, deployment }: Asker): LogFields {
  return { by, ...(deployment === undefined ? {} : { deploy_id: deployment }) };
}

/** A newer owner has it: what is left of it here is not this worker's to tell. */
const MOVED_ON: SessionEnd = {
  code: 'superseded',
  message: 'the session has moved on',
  by: 'registry',
  final: false,
};

export interface SessionActorOptions {
  readonly ticket: AgentTicket;
  readonly link: LinkTransport;
  readonly side: AgentSide;
  readonly logger: Logger;
  readonly clock: Clock;
  /** How long an agent whose link was lost may take to come back, ms. */
  readonly resumeWindowMs: number;
  /** Something that the registry should know has changed. */
  readonly changed: (actor: SessionActor) => void;
  /** Told when it is served here no more: its agent is away, or has gone elsewhere. */
  readonly left: (actor: SessionActor) => void;
  /** Told once, after the end; connections that were between two paths are still to be seen. */
  readonly closed: (actor: SessionActor, end: SessionEnd) => void;
}

/**
 * Stands for one session on the worker that owns it, and is the only one that changes its state. Each method is one
 * message, handled to its end before the next: checking and closing are one step, so no connection slips in between.
 */
export class SessionActor {
  readonly ticket: AgentTicket;
  readonly side: AgentSide;
  readonly #link: LinkTransport;
  readonly #logger: Logger;
  readonly #options: SessionActorOptions;
  #state: SessionState = { phase: 'connecting' };
  #connectedAtMs = 0;
  /** Bytes of connections that are over; those of open ones are counted by their circuits. */
  #bytesIn = 0;
  #bytesOut = 0;
  /** The newest circuit of each connection, by its key: an older one has nothing to say about it any more. */
  readonly #current = new Map<string, Circuit>();
  /** Connections that lost their way on the edge's side: they come back within the resume window, or end. */
  readonly #detached = new Map<string, Circuit>();

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

  /** Open ones, those that are between two paths included. */
  get connections(): number {
    return this.side.connections + this.#detached.size;
  }

  /** Those that are between two paths. */
  get detached(): Circuit[] {
    return [...this.#detached.values()];
  }

  get connectedAtMs(): number {
    return this.#connectedAtMs;
  }

  /** Towards the targets, over all connections of this ownership. */
  get bytesIn(): number {
    return this.#circuits.reduce((sum, circuit) => sum + circuit.bytesIn, this.#bytesIn);
  }

  get bytesOut(): number {
    return this.#circuits.reduce((sum, circuit) => sum + circuit.bytesOut, this.#bytesOut);
  }

  get #circuits(): Circuit[] {
    return [...this.side.circuits(), ...this.#detached.values()];
  }

  /** Owns the session, as far as it knows. */
  get serving(): boolean {
    return this.#state.phase === 'idle' || this.#state.phase === 'busy' || this.#state.phase === 'moving';
  }

  /** The claim succeeded: this worker owns the session. `from`: the worker that had it before, if one had. */
  claimed(epoch: number, connectedAtMs: number, from?: string): void {
    if (this.#state.phase !== 'connecting') return;
    this.#connectedAtMs = connectedAtMs;
    this.#state = { phase: 'idle', epoch, sinceMs: this.#options.clock.now() };
    const moved = from === undefined ? '' : `, which was on ${from}`;
    this.#logger.info({ event: 'session.open', epoch, from, agent_id: this.ticket.agentId }, `session opened${moved}`);
  }

  /**
   * Asked before each connection that comes to this worker. `resumed`: it counts already.
   * @throws CulvertError wrong_owner, session_offline, limit_exceeded
   */
  admitConnection(resumed: boolean): AgentSide {
    if (this.#state.phase === 'handed_off') throw new CulvertError('wrong_owner', 'the session has moved on');
    if (!this.serving) {
      throw new CulvertError('session_offline', 'the session is not open on this worker', { retryAfterSeconds: 1 });
    }
    if (!resumed && this.connections >= this.ticket.connectionLimit) {
      throw new CulvertError(
        'limit_exceeded',
        `the session has its limit of ${this.ticket.connectionLimit} connections`,
      );
    }
    return this.side;
  }

  connectionOpened(circuit: Circuit): void {
    this.#current.set(circuit.key, circuit);
    this.#detached.delete(circuit.key);
    this.#followCount();
    this.#options.changed(this);
  }

  /** Its edge is gone, or goes on elsewhere; it stays one of ours until it comes back, or its time is up. */
  connectionDetached(circuit: Circuit): void {
    const { phase } = this.#state;
    const current = this.#current.get(circuit.key) === circuit;
    if (current && (this.serving || phase === 'away')) this.#detached.set(circuit.key, circuit);
    this.#followCount();
    if (phase !== 'closed') this.#options.changed(this);
  }

  /** The resume window of a detached connection is over. False: it went on, or ended before. */
  connectionExpired(circuit: Circuit): boolean {
    if (this.#detached.get(circuit.key) !== circuit) return false;
    this.#detached.delete(circuit.key);
    this.connectionEnded(circuit);
    return true;
  }

  connectionEnded(circuit: Circuit): void {
    if (this.#current.get(circuit.key) === circuit) {
      this.#current.delete(circuit.key);
      this.#bytesIn += circuit.bytesIn;
      this.#bytesOut += circuit.bytesOut;
    }
    this.#followCount();
    if (this.#state.phase !== 'closed') this.#options.changed(this);
  }

  /** Idle and busy say no more than whether there are connections, whichever of their circuits came or went. */
  #followCount(): void {
    const { phase } = this.#state;
    if (phase !== 'idle' && phase !== 'busy') return;
    const now = this.connections > 0 ? 'busy' : 'idle';
    if (now !== phase) this.#state = { phase: now, epoch: this.#state.epoch, sinceMs: this.#options.clock.now() };
  }

  /** Asks the agent to go elsewhere; everything is served until it has. Asked again, the newest advice holds. */
  move(code: ErrorCode, message: string, advice?: Advice, asker: Asker = BY_WORKER): void {
    const { epoch } = this;
    if (!this.serving || epoch === null) return;
    const target = advice?.target ?? null;
    this.#state = { phase: 'moving', epoch, sinceMs: this.#options.clock.now(), target };
    this.#link.machine.goAway(code, message, advice);
    // An empty target leaves the choice to the agent, as no advice does.
    const fields = { event: 'session.move', epoch, ...askerFields(asker), to: target || null, code };
    const advised = { delay_ms: advice?.delayMs ?? 0, connections: this.connections };
    this.#logger.info({ ...fields, ...advised }, `session asked to move: ${message}`);
  }

  /** It may stay after all. An agent that is on its way goes on, which hurts nobody. */
  stay(): void {
    if (this.#state.phase !== 'moving') return;
    const phase = this.connections > 0 ? 'busy' : 'idle';
    this.#state = { phase, epoch: this.#state.epoch, sinceMs: this.#options.clock.now() };
  }

  /**
   * The agent's link has ended. One that was lost, not closed, leaves the session as it is for the resume window: its agent
   * comes back to it, here or elsewhere, and its connections go on then.
   */
  linkEnded(end: LinkEnd): void {
    const { epoch } = this;
    if (this.#state.phase === 'away') return; // it was sent away, and this is its answer
    if (this.#state.phase === 'handed_off') return this.close(MOVED_ON);
    const lost = end.code === 'link_lost' || end.code === 'link_timeout';
    if (!lost || !this.serving || epoch === null) {
      this.close({ code: end.code, message: end.message, by: 'agent', final: end.final });
      return;
    }
    const fields = { event: 'session.away', epoch, code: end.code, connections: this.connections };
    this.#logger.info(fields, `session lost its agent: ${end.message}`);
    this.#goAway(epoch, { code: end.code, message: end.message, by: 'agent', final: false });
  }

  #goAway(epoch: number, { by, code, message }: SessionEnd & { readonly by: 'agent' | 'worker' }): void {
    const { clock, resumeWindowMs } = this.#options;
    const gone: SessionEnd = { code, message: 'its agent did not come back', by: 'agent', final: false };
    const cancel = clock.after(resumeWindowMs, () => this.close(gone));
    this.#state = { phase: 'away', epoch, sinceMs: clock.now(), cancel };
    this.side.detachAll(by, code, message);
    this.#options.changed(this);
    this.#options.left(this);
  }

  /** A newer owner has the session, and the same agent: it takes what is left here with it. */
  handOff(): void {
    if (this.#state.phase === 'away') {
      this.close(MOVED_ON);
      return;
    }
    const { epoch } = this;
    if (!this.serving || epoch === null) return;
    const { clock } = this.#options;
    const cancel = clock.after(HAND_OFF_MS, () => this.close(MOVED_ON));
    this.#state = { phase: 'handed_off', epoch, sinceMs: clock.now(), cancel };
    this.#logger.info({ event: 'session.handed_off', epoch, connections: this.connections }, MOVED_ON.message);
  }

  /**
   * Sends the agent away: its link ends, not for good, and the session is kept as one whose agent is away. So whoever asks
   * for it meanwhile waits, and its connections go on wherever it turns up. False: the session was not served any more.
   */
  dismiss(code: ErrorCode, message: string, asker: Asker = BY_WORKER): boolean {
    const { epoch } = this;
    if (!this.serving || epoch === null) return false;
    const fields = { event: 'session.dismiss', epoch, ...askerFields(asker), code, connections: this.connections };
    this.#logger.info(fields, `session sent away: ${message}`);
    this.#goAway(epoch, { code, message, by: 'worker', final: false });
    this.#link.machine.end({ code, message, final: false });
    return true;
  }

  /** … unless a connection is open. */
  dismissIfIdle(code: ErrorCode, message: string, asker: Asker = BY_WORKER): boolean {
    return this.connections === 0 && this.dismiss(code, message, asker);
  }

  /** Closes the session unless a connection is open. False: it is busy. */
  closeIfIdle(end: SessionEnd): boolean {
    if (this.connections > 0) return false;
    this.close(end);
    return true;
  }

  /** Closes the session here. Unless that is final, its connections may go on with its next owner. */
  close(end: SessionEnd): void {
    if (this.#state.phase === 'closed') return;
    const epoch = this.epoch;
    const connections = this.connections;
    if (this.#state.phase === 'handed_off' || this.#state.phase === 'away') this.#state.cancel();
    this.#state = { phase: 'closed', epoch, end };
    const by = end.by === 'agent' ? 'agent' : 'worker';
    if (end.final) this.side.endAll(by, end.code, end.message);
    else this.side.detachAll(by, end.code, end.message);
    this.#link.machine.end({ code: end.code, message: end.message, final: end.final });
    const fields = { event: 'session.close', epoch, by: end.by, code: end.code, connections, final: end.final };
    this.#logger.info(fields, `session closed by ${end.by}: ${end.message}`);
    this.#options.closed(this, end);
    this.#detached.clear();
    this.#current.clear();
  }
}
