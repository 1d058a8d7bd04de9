import { type Clock, type Logger, pause, toCulvertError } from '@culvert/base';
import { LEASE_MS } from '@culvert/registry';
import type { Peer, Peers } from './peers.ts';
import { MOVES_PER_SECOND } from './plan-moves.ts';
import type { SessionActor } from './session-actor.ts';
import type { Sessions } from './sessions.ts';
import type { Suspect } from './suspect.ts';

/** Peers that are asked at a time, how long each may take, and how often, ms. */
const ASKED = 3;
const DEADLINE_MS = 1_000;
const EVERY_MS = 2_000;
/** Up to this part of the pause is added or taken away. */
const JITTER = 0.2;
/** An agent that has not gone this long after its slot is told again, ms. */
const PATIENCE_MS = 10_000;

const SLOT_MS = 1_000 / MOVES_PER_SECOND;
const CUT_OFF = { code: 'draining', message: 'this worker is cut off from the registry, and others are not' } as const;

export interface IsolationOptions {
  readonly suspect: Pick<Suspect, 'onChange'>;
  readonly sessions: Sessions;
  readonly peers: Pick<Peers, 'some'>;
  /** Does the peer say that it is ready? Rejects when it does not answer, or the signal is aborted. Default: over HTTP. */
  readonly isReady?: (peer: Peer, signal: AbortSignal) => Promise<boolean>;
  /** The worker drains: its agents are sent away all the same, and none is called back. */
  readonly draining: () => boolean;
  /** Cut off for so long before anybody is asked, ms; default: the time of a lease. Shorter only in tests. */
  readonly afterMs?: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** 0 ≤ x < 1; default Math.random. */
  readonly random?: () => number;
}

/**
 * What a worker does that stays cut off from the registry: it asks others. If one of them reaches the registry, this
 * worker alone is cut off, and its agents had better go elsewhere, make before break; where to, the API knows. If none
 * does, the registry itself is away, nobody could take them, and everything stays as it is.
 */
export class Isolation {
  readonly #options: IsolationOptions;
  readonly #random: () => number;
  readonly #unlisten: () => void;
  #watch: AbortController | undefined;
  /** Agents that were told to go, and when they are told again, ms on the clock. */
  readonly #told = new Map<SessionActor, number>();
  #nextSlotMs = 0;

  constructor(options: IsolationOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.#unlisten = options.suspect.onChange(({ phase }) => this.#onTrust(phase));
  }

  close(): void {
    this.#unlisten();
    this.#watch?.abort();
    this.#watch = undefined;
  }

  #onTrust(phase: string): void {
    if (phase === 'cut_off') {
      if (this.#watch !== undefined) return;
      this.#watch = new AbortController();
      void this.#run(this.#watch.signal);
      return;
    }
    // The registry is back. Who has not gone may stay, once it is known whose it is.
    this.#watch?.abort();
    this.#watch = undefined;
    if (phase === 'trusted') this.#callOff();
  }

  /** Never rejects. */
  async #run(signal: AbortSignal): Promise<void> {
    const { clock, afterMs = LEASE_MS } = this.#options;
    // Who is cut off for a moment only has no reason to ask anybody.
    await pause(clock, afterMs, signal);
    while (!signal.aborted) {
      if ((await this.#othersReachIt(signal)) && !signal.aborted) this.#sendAway();
      await pause(clock, EVERY_MS * (1 + JITTER * (2 * this.#random() - 1)), signal);
    }
  }

  async #othersReachIt(signal: AbortSignal): Promise<boolean> {
    const { peers, isReady = asksReadyz } = this.#options;
    const deadline = new AbortController();
    const asked = peers.some(ASKED).map(async (peer) => {
      if (!(await isReady(peer, AbortSignal.any([signal, deadline.signal]))))
        throw new Error(`${peer.id} is not ready`);
      return true;
    });
    const late = pause(this.#options.clock, DEADLINE_MS, AbortSignal.any([signal, deadline.signal])).then(() => false);
    // No peers at all, or none ready: the rejection of all of them.
    const one = Promise.any(asked).catch((reasons: unknown) => {
      const { message } = toCulvertError(reasons);
      this.#options.logger.debug({ event: 'node.peers_not_ready', err: reasons }, `no peer is ready: ${message}`);
      return false;
    });
    const ready = await Promise.race([one, late]);
    deadline.abort();
    return ready;
  }

  /** Standbys, too: a worker that takes nothing over is none. */
  #sendAway(): void {
    const { sessions, clock, logger } = this.#options;
    const nowMs = clock.monotonic();
    for (const [actor, againMs] of this.#told) if (!actor.serving || againMs <= nowMs) this.#told.delete(actor);
    const present = sessions.all().filter((actor) => actor.serving && !this.#told.has(actor));
    // The idle ones first: they are gone in a moment, and leave the pace to those that carry something.
    const ordered = present.toSorted((a, b) => a.connections - b.connections);
    if (ordered.length > 0) {
      const fields = { event: 'node.isolated', sessions: ordered.length };
      logger.warn(fields, 'only this worker is cut off from the registry: its agents are sent elsewhere');
    }
    this.#nextSlotMs = Math.max(this.#nextSlotMs, nowMs);
    for (const actor of ordered) {
      const delayMs = Math.round(this.#nextSlotMs - nowMs);
      this.#nextSlotMs += SLOT_MS;
      this.#told.set(actor, nowMs + delayMs + PATIENCE_MS);
      actor.move(CUT_OFF.code, CUT_OFF.message, { target: '', delayMs });
    }
    for (const { link } of sessions.standbys.all()) link.machine.goAway(CUT_OFF.code, CUT_OFF.message);
  }

  #callOff(): void {
    if (!this.#options.draining()) for (const actor of this.#told.keys()) actor.stay();
    this.#told.clear();
    this.#nextSlotMs = 0;
  }
}

async function asksReadyz({ admin }: Peer, signal: AbortSignal): Promise<boolean> {
  const response = await fetch(`${admin}/readyz`, { signal, redirect: 'error' });
  await response.body?.cancel();
  return response.status === 200;
}
