import { type Clock, systemClock } from '@culvert/base';
import type { Rollout } from '../deployments/types.ts';
import type { Hint } from '../types.ts';

/** How long a rollout is believed without a hint: bounds what a lost hint costs. ms. */
const FRESH_MS = 1_000;

export interface RolloutWatchOptions {
  /** Rejects with `registry_unavailable`. */
  readonly read: () => Promise<Rollout | null>;
  readonly onHint: (listener: (hint: Hint) => void) => () => void;
  readonly clock?: Clock;
}

/** The rollout in force, if there is one, as of a moment ago: each session that is placed would ask for it otherwise. */
export class RolloutWatch {
  readonly #read: RolloutWatchOptions['read'];
  readonly #clock: Clock;
  readonly #unsubscribe: () => void;
  #rollout: Rollout | null = null;
  #staleAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<Rollout | null> | undefined;

  constructor({ read, onHint, clock = systemClock }: RolloutWatchOptions) {
    this.#read = read;
    this.#clock = clock;
    this.#unsubscribe = onHint(({ kind }) => {
      if (kind === 'deployment' || kind === 'reset') this.#doubt();
    });
  }

  /** At most a second old. Rejects as reading does. */
  async current(): Promise<Rollout | null> {
    if (this.#clock.monotonic() < this.#staleAtMs) return this.#rollout;
    this.#reading ??= this.#readOnce();
    return this.#reading;
  }

  close(): void {
    this.#unsubscribe();
  }

  #doubt(): void {
    this.#staleAtMs = Number.NEGATIVE_INFINITY;
    this.#reading = undefined; // its answer may be older than what was told
  }

  #readOnce(): Promise<Rollout | null> {
    const reading = this.#read().then(
      (rollout) => {
        if (this.#reading === reading) {
          this.#rollout = rollout;
          this.#staleAtMs = this.#clock.monotonic() + FRESH_MS;
          this.#reading = undefined;
        }
        return rollout;
      },
      (error: unknown) => {
        if (this.#reading === reading) this.#reading = undefined;
        throw error;
      },
    );
    return reading;
  }
}

/**
 * Is a new session to go to the nodes of the rollout? By a hash of its id, so it is the same at each attempt; another deployment
 * chooses others.
 */
export function isChosen(rollout: Rollout, sessionId: string, tenant: string | undefined): boolean {
  if (tenant !== undefined && rollout.tenants.includes(tenant)) return true;
  return fnv1a(`${rollout.deployment}/${sessionId}`) % 100 < rollout.percent;
}

/** Which of the workers to ask first, and which only when those have no place; without a canary, all are alike. */
export interface Sides<W> {
  readonly liked: readonly W[];
  readonly others: readonly W[];
  /** The session was chosen for the canary. */
  readonly isChosen: boolean;
}

export function sides<W extends { readonly id: string }>(
  workers: readonly W[],
  rollout: Rollout | null,
  wish: { readonly sessionId: string; readonly tenant?: string | undefined; readonly prefer?: string | undefined },
): Sides<W> {
  if (rollout === null) return { liked: workers, others: [], isChosen: false };
  const chosen = isChosen(rollout, wish.sessionId, wish.tenant);
  // Who was sent to a worker by name is let go there.
  const isLiked = ({ id }: W): boolean => id === wish.prefer || rollout.nodes.includes(id) === chosen;
  return { liked: workers.filter(isLiked), others: workers.filter((worker) => !isLiked(worker)), isChosen: chosen };
}

/** 32 bits (Fowler, Noll and Vo), stirred at the end (the finaliser of MurmurHash3): ids that differ in one letter are apart. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
