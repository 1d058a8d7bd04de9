import type { Socket } from 'node:net';
import type { Ends } from '../rendezvous.ts';

/** Sees to it that a connection which ends before its time is known for lost. */
export class Guard {
  readonly #ends: Ends;
  readonly #onLost: (error: Error) => void;
  #over = false;
  #lost: Error | undefined;

  /** `onLost` is called at most once. */
  constructor(ends: Ends, onLost: (error: Error) => void) {
    this.#ends = ends;
    this.#onLost = onLost;
    for (const [side, socket] of Object.entries(ends) as ['browser' | 'target', Socket][]) {
      let reason = 'was closed';
      socket.on('error', (error: NodeJS.ErrnoException) => {
        reason = `failed with ${error.code ?? error.message}`;
      });
      socket.on('close', () => {
        if (!this.#over) this.lose(new Error(`the ${side}’s socket ${reason}`));
      });
    }
  }

  get lost(): Error | undefined {
    return this.#lost;
  }

  /** From here on an end is in order. */
  letEnd(): void {
    this.#over = true;
  }

  /** Whoever sees that something is missing says it here. The first reason stays. */
  lose(error: Error): void {
    if (this.#lost) return;
    this.#lost = error;
    this.#onLost(error);
  }

  destroy(): void {
    this.#over = true;
    this.#ends.browser.destroy();
    this.#ends.target.destroy();
  }
}
