import { type Clock, type Logger, toCulvertError } from '@culvert/base';
import { type Blocker, CANARY_TENANT, type DrainOrder, type DrainPolicy, type DrainReport } from '@culvert/contracts';
import type { NodeView } from '@culvert/registry';
import { AdvisedAgents, ROUND_MS } from './advised-agents.ts';
import { Blockers, type SessionReason } from './blockers.ts';
import type { DirectConnections } from './direct-connections.ts';
import { type DrainCourse, goOn, reaches, sameCourse } from './drain-course.ts';
import { DrainLedger } from './drain-ledger.ts';
import { DrainOrders } from './drain-orders.ts';
import { IdleCloser } from './idle-closer.ts';
import { occupancyOf } from './occupancy.ts';
import { MOVES_PER_SECOND, type MoveTarget } from './plan-moves.ts';
import { type Asker, askerFields, type SessionActor } from './session-actor.ts';
import type { Sessions } from './sessions.ts';

export interface DrainOptions {
  readonly sessions: Sessions;
  readonly direct: DirectConnections;
  /** All nodes of the cluster; rejects while the registry is away. */
  readonly nodes: () => Promise<readonly NodeView[]>;
  readonly selfId: string;
  readonly version: string;
  readonly pool: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** With nobody to send them to, or busy ones to wait for, the drain looks again after this. ms. */
const LOOK_AGAIN_MS = 1_000;
/** In a deployment, an idle session whose agent has not gone this long after its first slot is closed. ms. */
const IDLE_GRACE_MS = 10_000;

const DRAINING = { code: 'draining', message: 'the worker is being drained' } as const;

/**
 * Gets every session of this worker elsewhere, make before break: agents are told where to go and when, before anything is
 * waited for (teleport#24090), and are served here until they have gone. Ends when nothing is left, or is called off. What
 * it was told, it carries out by itself: whoever told it may be gone. A deployment tells it in stages (DrainOrder), and has
 * idle sessions closed that do not move, or, by the policy `wait`, all of them once they are idle.
 */
export class Drain {
  readonly #options: DrainOptions;
  readonly #orders = new DrainOrders();
  readonly #ledger: DrainLedger;
  readonly #closer: IdleCloser;
  readonly #blockers: Blockers;
  readonly #unlisten: readonly (() => void)[];
  readonly #advised: AdvisedAgents;
  #course: DrainCourse | undefined;
  #asker: Asker = { by: 'operator' };
  #toldEmpty = false;
  /** The deployment whose drain the ledger is of; null: none's. */
  #recorded: string | null = null;
  #hasTargets = true;
  /** Which round is the newest: an older one that comes to its end changes nothing. */
  #turn = 0;
  #cancelTimer: (() => void) | undefined;
  #listeners: (() => void)[] = [];

  constructor(options: DrainOptions) {
    const { sessions, direct, clock } = options;
    this.#options = options;
    this.#ledger = new DrainLedger(clock);
    this.#advised = new AdvisedAgents(clock, DRAINING);
    const close = (actor: SessionActor): boolean => this.#closeIdle(actor);
    this.#closer = new IdleCloser({ clock, paceMs: 1_000 / MOVES_PER_SECOND, close });
    this.#blockers = new Blockers({ sessions, direct, clock, reasonOf: (actor) => this.#reasonOf(actor) });
    const announce = (): void => this.#announce();
    const mayBeIdle = (actor: SessionActor): void => this.#mayBeIdle(actor);
    const nothing = (): void => undefined;
    this.#unlisten = [
      sessions.watch(this.#ledger),
      sessions.watch({ left: announce, closed: announce, connectionEnded: mayBeIdle, connectionDetached: nothing }),
      direct.onClosed(announce),
    ];
  }

  /** `off`, at work, or done. */
  get state(): DrainReport['state'] {
    if (this.#course === undefined) return 'off';
    return this.#empty ? 'empty' : 'draining';
  }

  /**
   * Carries out an order, once; false: it was before. Without a deployment it is an operator's: no idle session is closed.
   * @throws CulvertError fenced
   */
  order(order: DrainOrder): boolean {
    if (!this.#orders.take(order)) return false;
    const { policy = 'move', stage = 'busy', deployment = null } = order;
    this.#begin({ policy, stage, deployment }, 'operator');
    return true;
  }

  /** Starts, or goes on with another policy, as far as waiting for busy sessions or moving them. */
  start(policy: DrainPolicy): void {
    this.#begin({ policy, stage: 'busy', deployment: null }, 'worker');
  }

  /** Called off: sessions that have not left may stay. */
  stop(): void {
    if (this.#course === undefined) return;
    this.#halt();
    this.#ledger.stop();
    for (const actor of this.#options.sessions.all()) actor.stay();
    this.#options.logger.info({ event: 'node.drain_stopped' }, 'the drain was called off');
  }

  /** The registry tells which node has a session now. `agentId`: whose it is there; null: not known. */
  heard(sessionId: string, node: string, agentId: string | null): void {
    if (node !== this.#options.selfId) this.#ledger.heard(sessionId, node, agentId);
  }

  /** Resolves once nothing is left here. */
  whenEmpty(): Promise<void> {
    return new Promise((resolve) => {
      this.#listeners.push(resolve);
      this.#announce();
    });
  }

  close(): void {
    this.#halt();
    for (const unlisten of this.#unlisten) unlisten();
  }

  blockers(): Blocker[] {
    return this.#blockers.list();
  }

  report(): DrainReport {
    const { sessions, direct, clock } = this.#options;
    const { policy = null, stage = null } = this.#course ?? {};
    const present = sessions.ofCustomers().filter(({ state }) => state.phase !== 'away');
    const { busy } = sessions;
    return {
      ...{
        state: this.state,
        stage,
        policy,
        deployment: this.#recorded,
        fence: this.#orders.fence,
        orders: [...this.#orders.keys],
      },
      ...{ idle: sessions.size - busy, busy, connections: sessions.connections, direct: direct.size },
      ...occupancyOf(present, direct, clock.now()),
      sessions: this.#ledger.read(),
    };
  }

  /** `by`: who tells, unless a deployment does. */
  #begin(told: DrainCourse, by: 'operator' | 'worker'): void {
    const { logger, sessions } = this.#options;
    const before = this.#course;
    const course = goOn(before, told);
    if (sameCourse(before, course)) return;
    const others = course.deployment !== null && course.deployment !== this.#recorded;
    if (others) this.#recorded = course.deployment;
    if (before === undefined || others) this.#ledger.begin(this.#present, { fresh: others });
    this.#course = course;
    const { policy, stage, deployment } = course;
    this.#asker = deployment === null ? { by } : { by: 'deployment', deployment };
    this.#toldEmpty = false;
    const about = { event: 'node.drain', policy, stage, sessions: sessions.size, connections: sessions.connections };
    logger.info({ ...about, ...askerFields(this.#asker) }, `draining: ${stage}, ${policy}`);
    this.#sendCanariesAway();
    void this.#round();
  }

  /** At once, whatever the stage: a probe must hold nobody up. Those that may go elsewhere do, the others end. */
  #sendCanariesAway(): void {
    const { sessions, direct } = this.#options;
    for (const { tenant, stream } of direct.all()) {
      if (tenant === CANARY_TENANT) stream.breakOff(DRAINING.code, DRAINING.message);
    }
    for (const actor of sessions.canaries()) actor.dismiss(DRAINING.code, DRAINING.message, this.#asker);
  }

  #halt(): void {
    this.#course = undefined;
    this.#turn += 1;
    this.#advised.clear();
    this.#closer.clear();
    this.#cancelTimer?.();
  }

  get #present(): SessionActor[] {
    return this.#options.sessions.ofCustomers().filter((actor) => actor.serving);
  }

  get #empty(): boolean {
    return this.#options.sessions.size === 0 && this.#options.direct.size === 0;
  }

  #announce(): void {
    if (!this.#empty) return;
    this.#tellEmpty();
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }

  #tellEmpty(): void {
    if (this.#course === undefined || this.#toldEmpty) return;
    this.#toldEmpty = true;
    const fields = { event: 'node.drained', ...askerFields(this.#asker) };
    this.#options.logger.info(fields, 'drained: no session and no connection is left here');
  }

  #reasonOf({ connections }: SessionActor): SessionReason {
    const course = this.#course;
    const stays = course !== undefined && (course.policy === 'wait' || !reaches(course, 'busy'));
    if (stays && connections > 0) return 'busy';
    return this.#hasTargets ? 'moving' : 'no_target';
  }

  /** Never rejects. */
  async #round(): Promise<void> {
    this.#cancelTimer?.();
    this.#turn += 1;
    const turn = this.#turn;
    const targets = await this.#targets();
    const course = this.#course;
    if (course === undefined || turn !== this.#turn) return;
    this.#hasTargets = targets.length > 0;
    const { sessions, clock } = this.#options;
    this.#ledger.saw(this.#present);
    for (const { link } of sessions.standbys.all()) link.machine.goAway(DRAINING.code, DRAINING.message);
    const pauseMs = reaches(course, 'force') ? this.#force() : this.#sendAway(course, targets);
    this.#cancelTimer = clock.after(pauseMs, () => void this.#round());
  }

  /** Returns after how many ms the next round is due. */
  #sendAway(course: DrainCourse, targets: readonly MoveTarget[]): number {
    const nowMs = this.#options.clock.monotonic();
    const present = this.#present;
    const idle = present.filter(({ connections }) => connections === 0);
    this.#advised.forgetGone();
    if (!reaches(course, 'idle')) return ROUND_MS;
    if (closesAllIdle(course)) for (const actor of idle) this.#closer.add(actor);
    else if (course.deployment !== null) {
      for (const actor of idle) if (nowMs >= this.#advised.firstSlotMs(actor) + IDLE_GRACE_MS) this.#closer.add(actor);
    }
    // The idle ones first: they are gone in a moment, and leave the pace to those that carry something.
    const moves = course.policy === 'move' && reaches(course, 'busy');
    const movable = moves ? present.toSorted((a, b) => a.connections - b.connections) : idle;
    const lastMs = closesAllIdle(course) ? 0 : this.#advised.tell(movable, targets, this.#asker);
    const soon = targets.length === 0 || movable.length < present.length;
    return soon ? LOOK_AGAIN_MS : lastMs + ROUND_MS;
  }

  /** What is left is closed: sessions come back elsewhere with what can be resumed, browsers on our own address do not. */
  #force(): number {
    const { sessions, direct } = this.#options;
    for (const { connection, stream } of direct.all()) {
      const here = sessions.get(connection.sessionId)?.serving === true;
      if (!here) this.#ledger.lostBehind(connection.sessionId);
      stream.breakOff(DRAINING.code, DRAINING.message);
    }
    for (const actor of this.#present) {
      if (actor.dismiss(DRAINING.code, DRAINING.message, this.#asker)) this.#ledger.sentAway(actor, 'forced');
    }
    return LOOK_AGAIN_MS;
  }

  #closeIdle(actor: SessionActor): boolean {
    if (this.#course === undefined) return false;
    if (!actor.dismissIfIdle(DRAINING.code, DRAINING.message, this.#asker)) return false;
    this.#ledger.sentAway(actor, 'closed_idle');
    return true;
  }

  /** A connection of it has ended. */
  #mayBeIdle(actor: SessionActor): void {
    const course = this.#course;
    if (course === undefined || !closesAllIdle(course) || !reaches(course, 'idle')) return;
    if (actor.serving && actor.connections === 0) this.#closer.add(actor);
  }

  async #targets(): Promise<MoveTarget[]> {
    const { nodes, selfId, version, pool, logger } = this.#options;
    try {
      return (
        (await nodes())
          .filter(
            (node) => node.role === 'worker' && node.id !== selfId && node.pool === pool && node.state === 'ready',
          )
          // In a release, those of our own version are next: who is sent there would have to move again.
          .map((node) => ({ id: node.id, room: node.capacity - node.sessions, preferred: node.version !== version }))
          .filter(({ room }) => room > 0)
      );
    } catch (thrown) {
      const { code, message } = toCulvertError(thrown);
      logger.warn({ event: 'node.drain_waits', code }, `the drain knows of no target yet: ${message}`);
      return [];
    }
  }
}

/** A deployment's way of waiting: whoever is idle is closed, and comes back elsewhere. */
function closesAllIdle({ policy, deployment }: DrainCourse): boolean {
  return policy === 'wait' && deployment !== null;
}
