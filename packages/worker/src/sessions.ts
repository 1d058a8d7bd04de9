import { type Clock, CulvertError, type ErrorCode, type Logger, toErrorCode } from '@culvert/base';
import { CANARY_TENANT } from '@culvert/contracts';
import type { LinkTransport } from '@culvert/link';
import { type OpenRequest, RESUME_WINDOW_MS } from '@culvert/mux';
import type { ClaimRefusal, ClaimReply, NodeBoot, PreviousOwner, Registry } from '@culvert/registry';
import type { AgentTicket } from '@culvert/service';
import { type Carried, CarriedBytes } from './carried-bytes.ts';
import type { Circuit, CircuitEnd } from './circuit.ts';
import type { CircuitSpans } from './circuit-spans.ts';
import { ConnectionLog } from './connection-log.ts';
import { ConnectionStats } from './connection-stats.ts';
import { Expiry } from './expiry.ts';
import { PendingClaims } from './pending-claims.ts';
import { SessionActor, type SessionEnd } from './session-actor.ts';
import { Standbys } from './standbys.ts';
import { type AgentSide, type SessionHost, Switch } from './switch.ts';

export interface SessionsOptions {
  readonly registry: Pick<Registry, 'claim' | 'release'>;
  /** Who this node is now; a new life has another boot. */
  readonly node: () => NodeBoot;
  readonly pool: string;
  readonly logger: Logger;
  readonly clock: Clock;
  /** How long a connection that lost its edge's path is still counted, ms; that of the ends. */
  readonly resumeWindowMs?: number;
  readonly changed: (actor: SessionActor) => void;
  /** Why no claim is begun now; undefined when one may be. Default: never. */
  readonly refusing?: () => CulvertError | undefined;
  /** The answer to a claim or a release was lost: the registry may have a session as this worker's that is not here. */
  readonly unsettled?: () => void;
  /** When connections are traced. */
  readonly circuitSpans?: CircuitSpans;
}

/** What the registry's refusal of a claim means to the agent; all of them may be otherwise at another worker, or later. */
const REFUSALS: Record<ClaimRefusal, readonly [code: ErrorCode, message: string]> = {
  fenced: ['superseded', 'a newer owner has the session'],
  wrong_pool: ['draining', 'the tenant is pinned to another pool'],
  full: ['draining', 'this worker has no room'],
  node_not_ready: ['draining', 'this worker takes no new sessions'],
  limit_exceeded: ['limit_exceeded', "the tenant's limit of sessions is reached"],
  recovering: ['recovering', 'the registry lost settings, which are being put back'],
};

/** Is told what becomes of sessions and their connections, once it has. */
export interface SessionWatcher {
  /** A session is this worker's from now on. `from`: who had it before, of what is known. */
  entered?(actor: SessionActor, from: Entry): void;
  /** A session was not let in. */
  refused?(ticket: AgentTicket, code: ErrorCode): void;
  /** A session's agent is away, or was sent away. */
  left(actor: SessionActor): void;
  /** A session is over here. `replaced`: it goes on here, over a newer link. What was between two paths is still to be seen. */
  closed(actor: SessionActor, end: SessionEnd, replaced: boolean): void;
  /** A connection is over. */
  connectionEnded(actor: SessionActor, circuit: Circuit, end: CircuitEnd): void;
  /** A connection has left its path through here; it goes on over another one, or ends. */
  connectionDetached(actor: SessionActor, circuit: Circuit): void;
}

/** How a session came to this worker. */
export interface Entry {
  /** The ownership before: on another worker, or on this one; undefined: there is none, or it had ended in good order. */
  readonly previous: PreviousOwner | undefined;
  /** How long the claim took, ms. */
  readonly claimMs?: number;
}

const EXPIRED: CircuitEnd = { by: 'worker', reason: 'resume_expired', message: 'it did not come back in time' };

/** All session actors of this worker, by id: who is let in, who has to make way, and who is asked. */
export class Sessions implements SessionHost {
  readonly switch: Switch;
  readonly #options: SessionsOptions;
  readonly standbys = new Standbys();
  readonly #actors = new Map<string, SessionActor>();
  readonly stats = new ConnectionStats();
  readonly #carried = new CarriedBytes();
  readonly #expiry: Expiry<Circuit>;
  readonly #watchers = new Set<SessionWatcher>();
  readonly #claims: PendingClaims;
  readonly #log: ConnectionLog;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#log = new ConnectionLog(options.logger);
    const { clock, resumeWindowMs = RESUME_WINDOW_MS } = options;
    this.#expiry = new Expiry({ clock, afterMs: resumeWindowMs, expired: (circuit) => this.#onExpired(circuit) });
    this.#claims = new PendingClaims((sessionId, epoch) => this.#disown(sessionId, epoch));
    this.switch = new Switch(this, () => options.clock.now());
  }

  /** Customers' sessions, without those whose agent is away: nothing goes through this worker for them. */
  get size(): number {
    let present = 0;
    for (const actor of this.#actors.values()) if (actor.state.phase !== 'away' && !isCanary(actor)) present += 1;
    return present;
  }

  /** Customers' connections through this worker now, or between two paths of which one may be through it. */
  get connections(): number {
    let sum = 0;
    for (const actor of this.#actors.values()) {
      if (actor.state.phase !== 'away' && !isCanary(actor)) sum += actor.connections;
    }
    return sum;
  }

  /** Customers' sessions with connections. */
  get busy(): number {
    let busy = 0;
    for (const actor of this.#actors.values()) {
      if (actor.state.phase !== 'away' && !isCanary(actor) && actor.connections > 0) busy += 1;
    }
    return busy;
  }

  /** What customers' connections have carried through here since the process began. */
  get carried(): Carried {
    return this.#carried.read();
  }

  get(sessionId: string): SessionActor | undefined {
    return this.#actors.get(sessionId);
  }

  all(): SessionActor[] {
    return [...this.#actors.values()];
  }

  /** Those of customers: what a worker tells of itself, and what a drain waits for. */
  ofCustomers(): SessionActor[] {
    return this.all().filter((actor) => !isCanary(actor));
  }

  /** Those of the canary tenant: by them the cluster is tried out, and nobody is to wait for them. */
  canaries(): SessionActor[] {
    return this.all().filter(isCanary);
  }

  /**
   * An agent's link said HELLO: claim the session and put the new actor in the place of any older one, so that an agent
   * that comes back never waits for its half-open predecessor (frp#5424). Resolves to the actor, or undefined when
   * the link was ended instead.
   */
  async admit(ticket: AgentTicket, link: LinkTransport, side: AgentSide): Promise<SessionActor | undefined> {
    const logger = this.#options.logger.child({ session_id: ticket.sessionId, tenant_id: ticket.tenantId });
    const { clock, changed, resumeWindowMs = RESUME_WINDOW_MS } = this.#options;
    const closed = (actor: SessionActor, end: SessionEnd): void => this.#onClosed(actor, end, logger);
    const left = (one: SessionActor): void => this.#tell((watcher) => watcher.left(one));
    const actor = new SessionActor({ ticket, link, side, logger, clock, resumeWindowMs, changed, left, closed });
    void link.closed.then((end) => actor.linkEnded(end));
    const node = this.#options.node();
    this.#claims.begin(actor.id);
    const beganMs = clock.now();
    const reply = await this.#claim(ticket, node);
    this.#claims.settle(actor.id);
    if (reply instanceof CulvertError) {
      logger.warn({ event: 'session.refused', code: reply.code }, `session refused: ${reply.message}`);
      this.#tell((watcher) => watcher.refused?.(ticket, reply.code));
      actor.close({ code: reply.code, message: reply.message, by: 'registry', final: false });
      return undefined;
    }
    if (actor.state.phase === 'closed') {
      // The agent went away while the claim was under way; nobody else knows of it.
      await this.#release(actor.id, node, reply.epoch, 'link_lost', logger);
      // The claim had taken the entry from an older link that still lives: the registry has to hear of it again.
      const still = this.#actors.get(actor.id);
      if (still !== undefined) changed(still);
      return undefined;
    }
    const older = this.#actors.get(actor.id);
    if (older?.epoch != null && older.epoch > reply.epoch) {
      // Two claims of one session were under way here, and this is the reply of the one that lost.
      actor.close(supersededBy(older.ticket.agentId !== ticket.agentId));
      return undefined;
    }
    this.#actors.set(actor.id, actor);
    actor.claimed(reply.epoch, reply.connectedAtMs, reply.previous?.node);
    // Somebody may have claimed it since, and the hint have come before this reply: the first report tells.
    changed(actor);
    const entry = { previous: reply.previous, claimMs: clock.now() - beganMs };
    this.#tell((watcher) => watcher.entered?.(actor, entry));
    older?.close(supersededBy(older.ticket.agentId !== ticket.agentId));
    return actor;
  }

  /** The worker goes: what is still here has to find another one by itself. */
  abandonAll(): void {
    const end: SessionEnd = { code: 'shutting_down', message: 'the worker is stopping', by: 'worker', final: false };
    for (const actor of this.all()) actor.close(end);
  }

  /** Returns what takes the watcher off. */
  watch(watcher: SessionWatcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /**
   * The registry says that this worker owns a session now, under this epoch. When no session here has it, the claim was
   * carried out after this worker had given it up: it is given back, or nobody would find the session ever again.
   */
  ownedHere(sessionId: string, epoch: number): void {
    this.#claims.told(sessionId, epoch);
  }

  /** A claim of it is under way: whose it will be is open. */
  claiming(sessionId: string): boolean {
    return this.#claims.underWay(sessionId);
  }

  /** The registry says that nobody owns the session: if it is here, it is told so. */
  ownedNowhere(sessionId: string): void {
    const actor = this.#actors.get(sessionId);
    if (actor?.epoch != null) this.#options.changed(actor);
  }

  #tell(what: (watcher: SessionWatcher) => void): void {
    for (const watcher of this.#watchers) what(watcher);
  }

  /**
   * A newer epoch exists elsewhere. `agentId`: whose it is there, null when that is not known. The same agent takes what it
   * has here along. One that another agent has replaced is sent to ask the API, which knows whether that claim stands, and
   * ends it for good then: a hint alone may be of a claim that came to nothing.
   */
  fence(sessionId: string, newerEpoch: number, agentId: string | null): void {
    const actor = this.#actors.get(sessionId);
    if (actor?.epoch == null || actor.epoch >= newerEpoch) return;
    if (agentId === null || agentId === actor.ticket.agentId) actor.handOff();
    else actor.close({ ...supersededBy(true), final: false });
  }

  // SessionHost: what the switch asks.

  agentFor(sessionId: string, resumed: boolean): AgentSide {
    const actor = this.#actors.get(sessionId);
    if (actor === undefined) throw new CulvertError('wrong_owner', 'this worker does not own the session');
    return actor.admitConnection(resumed);
  }

  opened(circuit: Circuit): void {
    const actor = this.#actors.get(circuit.request.sessionId);
    if (actor?.ticket.tenantId !== CANARY_TENANT) {
      this.stats.came(circuit);
      this.#carried.came(circuit);
    }
    actor?.connectionOpened(circuit);
    this.#options.circuitSpans?.opened(circuit, actor && { tenantId: actor.ticket.tenantId, epoch: actor.epoch });
    this.#log.came(circuit, actor?.ticket.tenantId);
  }

  answered(circuit: Circuit): void {
    this.#options.circuitSpans?.answered(circuit);
    if (!circuit.resumed) this.stats.opened(circuit, this.#options.clock.now() - circuit.cameAtMs);
  }

  refused(request: OpenRequest, code: ErrorCode, resumed: boolean): void {
    this.#options.circuitSpans?.refused(request, code, resumed);
    const tenantId = this.#actors.get(request.sessionId)?.ticket.tenantId;
    if (!resumed && tenantId !== CANARY_TENANT) this.stats.refused(code);
  }

  detached(circuit: Circuit, end: CircuitEnd): void {
    this.#options.circuitSpans?.detached(circuit, end);
    this.#carried.left(circuit);
    const actor = this.#actors.get(circuit.request.sessionId);
    if (actor?.side === circuit.agent) {
      actor.connectionDetached(circuit);
      this.#expiry.add(circuit);
      this.#tell((watcher) => watcher.connectionDetached(actor, circuit));
    }
    this.#log.detached(circuit, end, actor?.ticket.tenantId);
  }

  ended(circuit: Circuit, end: CircuitEnd): void {
    this.#options.circuitSpans?.ended(circuit, end);
    this.#carried.left(circuit);
    const actor = this.#actors.get(circuit.request.sessionId);
    if (actor?.side === circuit.agent) actor.connectionEnded(circuit);
    this.#over(actor, circuit, end);
  }

  #over(actor: SessionActor | undefined, circuit: Circuit, end: CircuitEnd): void {
    this.stats.ended(circuit, end);
    this.#log.over(circuit, end, actor?.ticket.tenantId, this.#options.clock.now());
    if (actor !== undefined) this.#tell((watcher) => watcher.connectionEnded(actor, circuit, end));
  }

  /** It came back over no other path through here, in time; one that has moved on is somebody else's to follow. */
  #onExpired(circuit: Circuit): void {
    const actor = this.#actors.get(circuit.request.sessionId);
    if (actor?.connectionExpired(circuit) && !circuit.movedOn) this.#over(actor, circuit, EXPIRED);
  }

  async #claim(ticket: AgentTicket, node: NodeBoot): Promise<Claimed | CulvertError> {
    const refused = this.#options.refusing?.();
    if (refused !== undefined) return refused;
    try {
      const { sessionId, tenantId, name, agentId, keyId, labels, lastEpoch } = ticket;
      const { pool, registry } = this.#options;
      const canary = tenantId === CANARY_TENANT;
      const claim = { sessionId, tenantId, name, agentId, keyId, labels, lastEpoch, node, pool, canary };
      const reply = await registry.claim(claim);
      if (reply.outcome === 'claimed') return reply;
      return new CulvertError(...REFUSALS[reply.reason]);
    } catch (error) {
      this.#options.unsettled?.();
      if (error instanceof CulvertError) return error;
      throw error;
    }
  }

  #onClosed(actor: SessionActor, end: SessionEnd, logger: Logger): void {
    const newer = this.#actors.get(actor.id);
    if (newer === actor) this.#actors.delete(actor.id);
    this.#tell((watcher) => watcher.closed(actor, end, newer !== undefined && newer !== actor));
    // Of what has moved on, its next owner tells.
    const moved = end.code === 'superseded' || end.by === 'worker';
    for (const circuit of actor.detached) if (!moved && !circuit.movedOn) this.#over(actor, circuit, EXPIRED);
    const epoch = actor.epoch;
    // Superseded: the entry is the newer owner's, and the registry would only say so. Ended by this worker, which is about
    // to go: the entry says which session its agent comes back for, and is void with the worker's lease.
    if (epoch === null || moved) return;
    void this.#release(actor.id, this.#options.node(), epoch, end.code, logger);
  }

  #disown(sessionId: string, epoch: number): void {
    if (this.#actors.get(sessionId)?.epoch === epoch) return;
    const logger = this.#options.logger.child({ session_id: sessionId });
    logger.warn({ event: 'session.disown', epoch }, 'a claim that was given up was carried out all the same');
    void this.#release(sessionId, this.#options.node(), epoch, 'timeout', logger);
  }

  async #release(sessionId: string, node: NodeBoot, epoch: number, reason: string, logger: Logger): Promise<void> {
    try {
      await this.#options.registry.release({ sessionId, node, epoch, reason });
    } catch (error) {
      this.#options.unsettled?.();
      const code = toErrorCode(error instanceof CulvertError ? error.code : undefined, 'internal');
      logger.warn({ event: 'session.release_failed', code, err: error }, 'the registry did not take the release');
    }
  }
}

type Claimed = Extract<ClaimReply, { outcome: 'claimed' }>;

function isCanary({ ticket }: SessionActor): boolean {
  return ticket.tenantId === CANARY_TENANT;
}

function supersededBy(anotherAgent: boolean): SessionEnd {
  const message = anotherAgent ? 'another agent took over the session' : 'the agent came back over a newer link';
  return { code: 'superseded', message, by: 'registry', final: anotherAgent };
}
