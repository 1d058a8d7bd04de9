import { base32, type Clock, CulvertError, type Logger, sleep, systemClock, toCulvertError } from '@culvert/base';
import { LeaseWatch } from './lease.ts';
import { BEAT_EVERY_MS, LEASE_MS } from './registry.ts';
import type { Beat, BeatReply, NodeBoot, NodeInfo, NodeLoad } from './types.ts';

/** Up to this part of a period is added or taken away, so that a cluster started together does not beat together. */
const JITTER = 0.1;

export type AcceptedBeat = Extract<BeatReply, { outcome: 'ok' }>;

/** The part of the registry that presence needs. */
export interface PresenceRegistry {
  beat(beat: Beat): Promise<BeatReply>;
  leave(node: NodeBoot): Promise<void>;
  onAvailability(listener: (up: boolean) => void): () => void;
}

export interface NodePresenceOptions {
  readonly registry: PresenceRegistry;
  /** As it starts; its boot changes when the registry declares it dead. */
  readonly node: NodeInfo;
  /** What each beat tells; called at the moment of the beat. */
  readonly load: () => NodeLoad;
  readonly logger: Logger;
  /** Registers the node as cordoned: it takes no sessions from its first beat on until somebody uncordons it. */
  readonly cordoned?: boolean;
  /** Told of each beat that was accepted, before the listeners of `onLease` are. */
  readonly onReply?: (reply: AcceptedBeat) => void;
  /** The boot was declared dead (it was cut off for longer than its lease); from now on the node has this one. */
  readonly onDead?: (boot: string) => void;
  /** Another process runs under this node id: this one beats no more, and should end. */
  readonly onReplaced: (error: CulvertError) => void;
  /** For tests. */
  readonly everyMs?: number;
  /** As the registry has it; default LEASE_MS. */
  readonly leaseMs?: number;
  readonly clock?: Clock;
}

/** Keeps a node's lease alive for as long as the process runs: every role has one. */
export class NodePresence {
  readonly #options: NodePresenceOptions;
  readonly #stop = new AbortController();
  readonly #clock: Clock;
  readonly #lease: LeaseWatch;
  #node: NodeInfo;
  /** The round for which everything was told, to be said with each beat. */
  #confirmed: string | undefined;
  #trouble: string | undefined = 'the node has not told the registry of itself yet';
  #nap = new AbortController();
  #running: Promise<void> | undefined;
  /** Somebody wants to know now: no pause before the next beat. */
  #again = false;
  #confirmations: PromiseWithResolvers<void>[] = [];
  /** A beat was sent, and what came of it is not known. */
  #unanswered = false;
  /** When the last beat that was accepted was sent; on the monotonic clock. */
  #renewedAtMs: number | undefined;
  /** No beat has been accepted yet: only until then is it the node's own to say that it begins cordoned. */
  #begins = true;

  constructor(options: NodePresenceOptions) {
    const { node, clock = systemClock, leaseMs = LEASE_MS } = options;
    this.#options = options;
    this.#node = node;
    this.#clock = clock;
    this.#lease = new LeaseWatch(clock, leaseMs);
  }

  /** The node with its current boot. */
  get node(): NodeInfo {
    return this.#node;
  }

  /** Why the last beat was not accepted; undefined while the lease is being renewed. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Is the lease alive beyond doubt? It may be alive in the registry when this says no, never the other way round. */
  get held(): boolean {
    return this.#lease.held;
  }

  /** Time since the last beat that was accepted was sent, ms; undefined: there was none. */
  get leaseAgeMs(): number | undefined {
    return this.#renewedAtMs === undefined ? undefined : this.#clock.monotonic() - this.#renewedAtMs;
  }

  /** `listener` hears when the lease lapses, and when it is held again (the first time, too). Returns what takes it off. */
  onLease(listener: (held: boolean) => void): () => void {
    return this.#lease.on(listener);
  }

  /** Everything that this boot holds is in the directory of this round: told to the registry at once. */
  confirmRound(round: string): void {
    if (this.#confirmed === round) return;
    this.#confirmed = round;
    this.beatSoon();
  }

  /** Starts beating, at once and then for ever. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Tells the registry a changed load without waiting for the next beat. */
  beatSoon(): void {
    this.#nap.abort();
  }

  /**
   * Beats now; resolves once a beat that was sent after this call was accepted, under a new boot if need be. Rejects when the
   * registry did not answer.
   */
  confirm(): Promise<void> {
    if (this.#stop.signal.aborted) return Promise.reject(new CulvertError('shutting_down'));
    const confirmation = Promise.withResolvers<void>();
    this.#confirmations.push(confirmation);
    this.#again = true;
    this.#nap.abort();
    return confirmation.promise;
  }

  /** Ends the beats and then the lease. A registry that is away is no error: the lease lapses by itself. */
  async close(): Promise<void> {
    this.#stop.abort();
    if (!this.#running) return;
    await this.#running;
    this.#lease.close();
    const { registry, logger } = this.#options;
    try {
      await registry.leave(this.#node);
    } catch (error) {
      logger.warn({ event: 'node.leave_failed', err: error }, 'the registry could not be told that the node leaves');
    }
  }

  async #run(): Promise<void> {
    const { registry, everyMs = BEAT_EVERY_MS } = this.#options;
    const stop = this.#stop.signal;
    // Redis is back: others should hear of this node now, not in two seconds.
    const unsubscribe = registry.onAvailability((up) => up && this.#nap.abort());
    while (!stop.aborted) {
      this.#nap = new AbortController();
      this.#again = false;
      const again = await this.#beat();
      if (again || this.#again) continue;
      const pause = everyMs * (1 + JITTER * (2 * Math.random() - 1));
      await sleep(pause, AbortSignal.any([stop, this.#nap.signal]));
    }
    unsubscribe();
    for (const { reject } of this.#confirmations) reject(new CulvertError('shutting_down'));
  }

  /** Were both to go on, each would end the other's boot for ever. The one that came later was started for a reason. */
  #onReplaced(): void {
    const { onReplaced } = this.#options;
    const { id, boot } = this.#node;
    this.#trouble = `another process runs as ${id}`;
    this.#stop.abort();
    onReplaced(
      new CulvertError('superseded', `another process runs as ${id}; this one (boot ${boot}) ends`, {
        fix: 'Give every process a node id of its own (--id).',
      }),
    );
  }

  /** True: beat again at once, under a new boot. */
  async #beat(): Promise<boolean> {
    const { registry, load, logger, onReply, onDead } = this.#options;
    const confirmations = this.#confirmations;
    this.#confirmations = [];
    try {
      const sentAtMs = this.#clock.monotonic();
      const cordoned = this.#begins && this.#options.cordoned === true;
      const reply = await registry.beat({ node: this.#node, load: load(), confirmed: this.#confirmed, cordoned });
      if (reply.outcome === 'dead' && reply.replaced) {
        this.#confirmations.push(...confirmations);
        this.#lease.end();
        this.#onReplaced();
        return false;
      }
      if (reply.outcome === 'dead') {
        this.#node = { ...this.#node, boot: base32(crypto.getRandomValues(new Uint8Array(5))) };
        this.#confirmed = undefined;
        this.#lease.end();
        logger.warn({ event: 'node.declared_dead', boot: this.#node.boot }, 'the lease had lapsed: a new boot begins');
        onDead?.(this.#node.boot);
        this.#confirmations.push(...confirmations);
        return !this.#stop.signal.aborted;
      }
      if (this.#trouble)
        logger.info({ event: 'node.registered', boot: this.#node.boot }, 'the registry knows the node');
      this.#trouble = undefined;
      this.#begins = false;
      // What is missing may have been told by an answer that was lost: said once to nobody, it would be said never.
      onReply?.(this.#unanswered ? { ...reply, missing: { kind: 'unknown' } } : reply);
      this.#unanswered = false;
      this.#lease.renewed(sentAtMs);
      this.#renewedAtMs = sentAtMs;
      for (const { resolve } of confirmations) resolve();
    } catch (error) {
      const { code, message: reason } = toCulvertError(error);
      // That Redis is away is told once, by the registry itself.
      const level = code === 'registry_unavailable' ? 'debug' : 'warn';
      if (this.#trouble !== reason) logger[level]({ event: 'node.beat_failed', err: error }, 'a beat was not accepted');
      this.#trouble = reason;
      this.#unanswered = true;
      for (const { reject } of confirmations) reject(error);
    }
    return false;
  }
}
