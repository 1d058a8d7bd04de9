import type { Clock } from '@culvert/base';
import type { SessionActor } from './session-actor.ts';

export interface IdleCloserOptions {
  readonly clock: Clock;
  /** Between two sessions, ms. */
  readonly paceMs: number;
  /** Closes a session that is idle; false: it is not, or not here any more. */
  readonly close: (actor: SessionActor) => boolean;
}

/** Closes sessions one after the other, so that their agents do not all come to the other workers at once. */
export class IdleCloser {
  readonly #options: IdleCloserOptions;
  readonly #queue = new Set<SessionActor>();
  #cancelPause: (() => void) | undefined;

  constructor(options: IdleCloserOptions) {
    this.#options = options;
  }

  /** Its turn comes; by then it may be busy, and stays. */
  add(actor: SessionActor): void {
    this.#queue.add(actor);
    if (this.#cancelPause === undefined) this.#next();
  }

  clear(): void {
    this.#queue.clear();
    this.#cancelPause?.();
    this.#cancelPause = undefined;
  }

  #next(): void {
    const { clock, paceMs, close } = this.#options;
    this.#cancelPause = undefined;
    for (const actor of this.#queue) {
      this.#queue.delete(actor);
      if (!close(actor)) continue;
      // Also behind the last one: whoever comes next is not to follow at once.
      this.#cancelPause = clock.after(paceMs, () => this.#next());
      return;
    }
  }
}
