import { type Clock, type Logger, toCulvertError } from '@culvert/base';
import type { NodeView } from '@culvert/registry';
import type { DirectConnections } from './direct-connections.ts';
import { type MoveTarget, planMoves } from './plan-moves.ts';
import type { SessionActor } from './session-actor.ts';
import type { Sessions } from './sessions.ts';

/** `move`: every session goes elsewhere with its connections. `wait`: a busy one stays until its last connection ends. */
export type DrainPolicy = 'move' | 'wait';

/** What a drain waits for. */
export interface Blocker {
  readonly kind: 'connection' | 'session';
  readonly session: string;
  readonly tenant: string;
  readonly name: string | null;
  readonly connection: string | null;
  readonly target: string | null;
  readonly reason: 'direct' | 'moving' | 'no_target' | 'busy';
  /** ISO time. */
  readonly since: string;
  /** What would end the wait. */
  readonly detail: string;
}

export interface DrainOptions {
  readonly sessions: Sessions;
  readonly direct: DirectConnections;
  /** All nodes of the cluster; rejects while the registry is away. */
  readonly nodes: () => Promise<readonly NodeView[]>;
  readonly selfId: string;
  readonly pool: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** An agent that has not left this long after its slot is told again, with a new plan. ms. */
const ROUND_MS = 5_000;
/** With nobody to send them to, or busy ones to wait for, the drain looks again after this. ms. */
const LOOK_AGAIN_MS = 1_000;

const DRAINING = { code: 'draining', message: 'the worker is being drained' } as const;

/**
 * Gets every session of this worker elsewhere, make before break: agents are told where to go and when, before anything is
 * waited for (teleport#24090), and are served here until they have gone. Ends when nothing is left, or is called off.
 */
export class Drain {
  readonly #options: DrainOptions;
  #policy: DrainPolicy | undefined;
  #hasTargets = true;
  #cancelTimer: (() => void) | undefined;
  #listeners: (() => void)[] = [];
  readonly #unlisten: () => void;
  /** Agents that were told, and until when they have to go, ms on the clock. */
  readonly #told = new Map<SessionActor, number>();

  constructor(options: DrainOptions) {
    this.#options = options;
    const offEnded = options.sessions.onLeft(() => this.#announce());
    const offDirect = options.direct.onClosed(() => this.#announce());
    this.#unlisten = () => {
      offEnded();
      offDirect();
    };
  }

  /** `off`, at work, or done. */
  get state(): 'off' | 'draining' | 'empty' {
    if (this.#policy === undefined) return 'off';
    return this.#empty ? 'empty' : 'draining';
  }

  /** Starts, or goes on with another policy. */
  start(policy: DrainPolicy): void {
    const { logger, sessions } = this.#options;
    if (this.#policy === policy) return;
    this.#policy = policy;
    logger.info({ event: 'node.drain', policy, sessions: sessions.size }, 'draining: sessions are asked to move');
    void this.#round();
  }

  /** Called off: sessions that have not left may stay. */
  stop(): void {
    if (this.#policy === undefined) return;
    this.#policy = undefined;
    this.#told.clear();
    this.#cancelTimer?.();
    for (const actor of this.#options.sessions.all()) actor.stay();
    this.#options.logger.info({ event: 'node.drain_stopped' }, 'the drain was called off');
  }

  /** Resolves once nothing is left here. */
  whenEmpty(): Promise<void> {
    return new Promise((resolve) => {
      this.#listeners.push(resolve);
      this.#announce();
    });
  }

  close(): void {
    this.#policy = undefined;
    this.#cancelTimer?.();
    this.#unlisten();
  }

  blockers(): Blocker[] {
    const direct = this.#options.direct.all().map(
      ({ connection, tenant, openedAtMs }): Blocker => ({
        kind: 'connection',
        session: connection.sessionId,
        tenant,
        name: null,
        connection: connection.connectionId,
        target: `${connection.host}:${connection.port}`,
        reason: 'direct',
        since: new Date(openedAtMs).toISOString(),
        detail: "its browser uses this worker's own address: it has to end by itself",
      }),
    );
    const present = this.#options.sessions.all().filter((actor) => actor.state.phase !== 'away');
    return [...direct, ...present.map((actor) => this.#blocker(actor))];
  }

  #blocker(actor: SessionActor): Blocker {
    const { tenantId, name } = actor.ticket;
    const { state } = actor;
    const waits = this.#policy === 'wait' && actor.connections > 0;
    const reason = waits ? 'busy' : this.#hasTargets ? 'moving' : 'no_target';
    const details = {
      busy: `its ${actor.connections} connections end, or the drain moves busy sessions (--policy move)`,
      moving: 'its agent attaches to another worker',
      no_target: 'another worker of this pool is ready and has room',
    };
    return {
      ...{ kind: 'session', session: actor.id, tenant: tenantId, name, connection: null, target: null, reason },
      since: new Date('sinceMs' in state ? state.sinceMs : actor.connectedAtMs).toISOString(),
      detail: details[reason],
    };
  }

  get #empty(): boolean {
    return this.#options.sessions.size === 0 && this.#options.direct.size === 0;
  }

  #announce(): void {
    if (!this.#empty) return;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }

  /** Never rejects. */
  async #round(): Promise<void> {
    this.#cancelTimer?.();
    const targets = await this.#targets();
    const policy = this.#policy;
    if (policy === undefined) return;
    this.#hasTargets = targets.length > 0;
    const { sessions, clock } = this.#options;
    const present = sessions.all().filter((actor) => actor.serving);
    const nowMs = clock.monotonic();
    for (const [actor, untilMs] of this.#told) if (untilMs <= nowMs || !actor.serving) this.#told.delete(actor);
    // The idle ones first: they are gone in a moment, and leave the pace to those that carry something.
    const movable = policy === 'wait' ? present.filter(({ connections }) => connections === 0) : present;
    const ordered = movable.filter((actor) => !this.#told.has(actor)).toSorted((a, b) => a.connections - b.connections);
    const moves = planMoves(ordered, targets);
    for (const { session, target, delayMs } of moves) {
      this.#told.set(session, nowMs + delayMs + ROUND_MS);
      session.move(DRAINING.code, DRAINING.message, { target, delayMs });
    }
    for (const { link } of sessions.standbys.all()) link.machine.goAway(DRAINING.code, DRAINING.message);
    const lastMs = moves.at(-1)?.delayMs ?? 0;
    const soon = targets.length === 0 || movable.length < present.length;
    const pauseMs = soon ? LOOK_AGAIN_MS : lastMs + ROUND_MS;
    this.#cancelTimer = clock.after(pauseMs, () => void this.#round());
  }

  async #targets(): Promise<MoveTarget[]> {
    const { nodes, selfId, pool, logger } = this.#options;
    try {
      return (await nodes())
        .filter((node) => node.role === 'worker' && node.id !== selfId && node.pool === pool && node.state === 'ready')
        .map(({ id, capacity, sessions }) => ({ id, room: capacity - sessions }))
        .filter(({ room }) => room > 0);
    } catch (thrown) {
      const { code, message } = toCulvertError(thrown);
      logger.warn({ event: 'node.drain_waits', code }, `the drain knows of no target yet: ${message}`);
      return [];
    }
  }
}
