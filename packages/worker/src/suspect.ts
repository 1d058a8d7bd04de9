import { type Clock, CulvertError, type Logger, toCulvertError } from '@culvert/base';
import type { NodePresence } from '@culvert/registry';

/** Who is refused comes back within this time, spread over it, s. */
const RETRY_SPREAD_SECONDS = 3;

/**
 * How far a worker may trust what it knows of who owns its sessions. `unregistered`: its lease was never held. `cut_off`:
 * the lease has lapsed, and others may take what is here. `checking`: it is held again, and each epoch is being asked about.
 */
export type Trust =
  | { readonly phase: 'unregistered' }
  | { readonly phase: 'trusted' }
  | { readonly phase: 'cut_off'; readonly sinceMs: number }
  | { readonly phase: 'checking'; readonly sinceMs: number };

export interface SuspectOptions {
  readonly presence: Pick<NodePresence, 'onLease'>;
  /**
   * Asks about every session; what began at `sinceMs` (monotonic) or later counts. Resolves once those that are not this
   * worker's any more were handed off; rejects only when the worker stops.
   */
  readonly check: (sinceMs: number) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** 0 ≤ x < 1; default Math.random. */
  readonly random?: () => number;
}

/**
 * Fences this worker itself: while its lease is not held beyond doubt, it keeps its links and everything on them and takes
 * nothing new; and it goes on so until it has asked about every epoch.
 */
export class Suspect {
  readonly #options: SuspectOptions;
  readonly #listeners = new Set<(trust: Trust) => void>();
  readonly #unlisten: () => void;
  #trust: Trust = { phase: 'unregistered' };

  constructor(options: SuspectOptions) {
    this.#options = options;
    this.#unlisten = options.presence.onLease((held) => this.#onLease(held));
  }

  get trust(): Trust {
    return this.#trust;
  }

  /** Cut off, or not checked since. */
  get suspect(): boolean {
    return this.#trust.phase === 'cut_off' || this.#trust.phase === 'checking';
  }

  /** Why the worker is not ready, for people; undefined when it is trusted. */
  get reason(): string | undefined {
    const { trust } = this;
    if (trust.phase === 'trusted') return undefined;
    if (trust.phase === 'unregistered') return 'the registry has not accepted a beat yet';
    if (trust.phase === 'checking') return 'suspect: its sessions are being checked';
    const seconds = Math.round((this.#options.clock.monotonic() - trust.sinceMs) / 1_000);
    return `suspect: cut off from the registry, its lease is over since ${seconds} s`;
  }

  /** What whoever brings something new is told; undefined when it may be taken. */
  refusal(): CulvertError | undefined {
    if (this.#trust.phase === 'trusted') return undefined;
    const { random = Math.random } = this.#options;
    return new CulvertError('registry_unavailable', `this worker takes nothing new: ${this.reason}`, {
      retryAfterSeconds: 1 + Math.floor(random() * RETRY_SPREAD_SECONDS),
    });
  }

  /** Calls `listener` at each change. Returns what takes it off. */
  onChange(listener: (trust: Trust) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#unlisten();
    this.#listeners.clear();
  }

  #onLease(held: boolean): void {
    const { clock, logger } = this.#options;
    const trust = this.#trust;
    if (!held) {
      if (trust.phase === 'unregistered') return;
      const sinceMs = 'sinceMs' in trust ? trust.sinceMs : clock.monotonic();
      logger.warn({ event: 'node.suspect' }, 'the lease is over: nothing new is taken, what is here goes on');
      this.#become({ phase: 'cut_off', sinceMs });
    } else if (trust.phase === 'unregistered') {
      this.#become({ phase: 'trusted' });
    } else if (trust.phase === 'cut_off') {
      const checking: Trust = { phase: 'checking', sinceMs: trust.sinceMs };
      this.#become(checking);
      void this.#check(checking);
    }
  }

  /** Never rejects. */
  async #check(checking: Trust & { readonly phase: 'checking' }): Promise<void> {
    const { check, clock, logger } = this.#options;
    try {
      await check(checking.sinceMs);
    } catch (thrown) {
      const { code } = toCulvertError(thrown);
      logger.debug({ event: 'node.check_ended', code, err: thrown }, 'the sessions are not checked any more');
      return;
    }
    // Cut off once more: what was answered may be old.
    if (this.#trust !== checking) return;
    const suspectMs = Math.round(clock.monotonic() - checking.sinceMs);
    logger.info({ event: 'node.trusted', suspect_ms: suspectMs }, 'the lease is held, and every session was checked');
    this.#become({ phase: 'trusted' });
  }

  #become(trust: Trust): void {
    this.#trust = trust;
    for (const listener of this.#listeners) listener(trust);
  }
}
