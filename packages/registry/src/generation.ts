import type { Clock } from '@culvert/base';

/** How long after a loss an absent entry means "unknown": owners reassert within a beat or two of Redis's return. */
export const REBUILD_MS = 15_000;

/**
 * Notices that Redis lost its data: the generation of the data set, seen with every read and beat, has changed.
 * Until the owners had time to reassert, "not there" means unknown.
 */
export class Generation {
  readonly #clock: Clock;
  #known: string | undefined;
  #lostAt: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `generation` is undefined where no node has beaten since the loss. */
  saw(generation: string | undefined): void {
    if (this.#known === undefined) {
      this.#known = generation;
      return;
    }
    if (generation === this.#known) return;
    this.#lostAt = this.#clock.monotonic();
    if (generation !== undefined) this.#known = generation;
  }

  /** May what is absent just not have been reasserted yet? */
  get rebuilding(): boolean {
    return this.#lostAt !== undefined && this.#clock.monotonic() - this.#lostAt < REBUILD_MS;
  }
}
