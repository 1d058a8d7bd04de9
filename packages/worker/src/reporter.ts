import { Backoff, type Logger, sleep } from '@culvert/base';
import type { NodeBoot, Registry, SessionReassert, SessionUpdate } from '@culvert/registry';
import type { SessionActor } from './session-actor.ts';
import type { Sessions } from './sessions.ts';

/** Changes are collected this long, so that a busy second costs a few writes, not one per connection. */
const COLLECT_MS = 250;
/** Byte counts change without anything else changing: those of open connections are told anew this often, if they moved. */
const REFRESH_MS = 5_000;
/** Sessions per command: a script must not hold Redis up. */
const BATCH = 200;
/** Bounds of the pause before a report that failed is tried again: Redis is not to be met by all workers at once. */
const RETRY = { firstMs: 250, maxMs: 4_000 };

export interface ReporterOptions {
  readonly registry: Pick<Registry, 'updateSessions' | 'reassert' | 'release'>;
  readonly sessions: () => Sessions;
  readonly node: () => NodeBoot;
  readonly pool: string;
  readonly logger: Logger;
  /** Milliseconds between two looks at the byte counts of busy sessions. Default 5,000. */
  readonly refreshMs?: number;
}

/**
 * Tells the registry how the sessions of this worker are: absolute numbers, collected, in batches; and all of them again
 * when the registry has lost them. What it answers matters, too: a session that someone else owns by now is closed.
 */
export class Reporter {
  readonly #options: ReporterOptions;
  readonly #stop = new AbortController();
  readonly #backoff = new Backoff(RETRY);
  #dirty = new Set<SessionActor>();
  #wake = Promise.withResolvers<void>();
  #running: Promise<void> | undefined;
  #refreshing: NodeJS.Timeout | undefined;
  /** How many bytes of a session were told last, both ways together. */
  readonly #bytesTold = new WeakMap<SessionActor, number>();

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
    this.#refreshing ??= setInterval(() => this.#refresh(), this.#options.refreshMs ?? REFRESH_MS);
  }

  changed(actor: SessionActor): void {
    this.#dirty.add(actor);
    this.#wake.resolve();
  }

  /**
   * Tells the registry, which may have lost them, all about these sessions; those that have another owner are handed off.
   * Rejects when it took nothing of some: `fenced` without a lease, `registry_unavailable`.
   */
  async reassert(actors: readonly SessionActor[]): Promise<void> {
    const { registry, node, pool, logger } = this.#options;
    const sessions = actors.map((actor) => reassertOf(actor, pool)).filter((session) => session !== undefined);
    if (sessions.length === 0) return;
    const outcomes = await registry.reassert(node(), sessions);
    for (const actor of actors) if (outcomes.get(actor.id) === 'fenced') this.#fenced(actor);
    await this.#takeBack(actors.filter((actor) => outcomes.get(actor.id) === 'ok'));
    logger.debug({ event: 'session.reassert', count: sessions.length }, 'sessions told to the registry again');
  }

  async close(): Promise<void> {
    this.#stop.abort();
    clearInterval(this.#refreshing);
    this.#wake.resolve();
    await this.#running;
  }

  #refresh(): void {
    for (const actor of this.#options.sessions().all()) {
      if (actor.connections > 0 && bytesOf(actor) !== this.#bytesTold.get(actor)) this.changed(actor);
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#wake.promise;
      await sleep(COLLECT_MS, signal);
      this.#wake = Promise.withResolvers();
      const dirty = [...this.#dirty];
      this.#dirty = new Set();
      if (await this.#reportAll(dirty)) this.#backoff.reset();
      else await sleep(this.#backoff.next(), signal);
    }
  }

  /** False: the registry did not take everything. What is left counts as changed, so it is in the next report. */
  async #reportAll(actors: SessionActor[]): Promise<boolean> {
    for (let at = 0; at < actors.length; at += BATCH) {
      if (await this.#report(actors.slice(at, at + BATCH))) continue;
      for (const actor of actors.slice(at)) this.changed(actor);
      return false;
    }
    return true;
  }

  async #report(actors: SessionActor[]): Promise<boolean> {
    const updates = actors.map(updateOf).filter((update) => update !== undefined);
    if (updates.length === 0) return true;
    for (const actor of actors) this.#bytesTold.set(actor, bytesOf(actor));
    try {
      const outcomes = await this.#options.registry.updateSessions(this.#options.node(), updates);
      const lost: SessionActor[] = [];
      for (const actor of actors) {
        const outcome = outcomes.get(actor.id);
        if (outcome === 'fenced') this.#fenced(actor);
        if (outcome === 'absent') lost.push(actor);
      }
      await this.reassert(lost);
      return true;
    } catch (error) {
      // Redis is away. Nothing is lost: numbers are absolute, and the next report brings the latest.
      this.#options.logger.debug({ event: 'session.report_failed', err: error }, 'the registry took no update');
      return false;
    }
  }

  /** A session that ended while it was being told would stay in the directory for ever: nobody is left to release it. */
  async #takeBack(told: readonly SessionActor[]): Promise<void> {
    const { registry, node } = this.#options;
    for (const { id, epoch, state } of told) {
      if (state.phase !== 'closed' || epoch === null) continue;
      await registry.release({ sessionId: id, node: node(), epoch, reason: state.end.code });
    }
  }

  #fenced(actor: SessionActor): void {
    // Whose it is there is not said. The same agent takes its connections along; another one's claim sends a hint as well.
    actor.handOff();
  }
}

function bytesOf(actor: SessionActor): number {
  return actor.bytesIn + actor.bytesOut;
}

function updateOf(actor: SessionActor): SessionUpdate | undefined {
  const { epoch, connections, bytesIn, bytesOut } = actor;
  const away = actor.state.phase === 'away';
  if (epoch === null || !(actor.serving || away)) return undefined;
  const state = away ? 'offline' : connections > 0 ? 'busy' : 'idle';
  return { sessionId: actor.id, epoch, state, connections, bytesIn, bytesOut };
}

function reassertOf(actor: SessionActor, pool: string): SessionReassert | undefined {
  const update = updateOf(actor);
  if (update === undefined) return undefined;
  const { tenantId, name, agentId, keyId, labels } = actor.ticket;
  return { ...update, tenantId, name, pool, agentId, keyId, labels, connectedAtMs: actor.connectedAtMs };
}
