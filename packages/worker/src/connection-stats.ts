import type { NodeStats } from '@culvert/contracts';
import type { Circuit, CircuitEnd } from './circuit.ts';
import { isFailure, isLoss } from './end-reasons.ts';

/** Upper bounds of the classes of the set-up time, ms; what takes longer is in `opened` only. */
export const SETUP_BOUNDS_MS: readonly number[] = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000,
];

/**
 * How the connections through this worker have fared since its boot; a deployment compares old and new workers by it.
 *
 * `asked`: an edge sent an OPEN for a session of this worker's. `failed`: it was answered REFUSED with a code that is not
 * the target's, the agent's rules', a limit's or the browser's, and does not send the edge elsewhere. `lost`: an open one
 * ended because what lies between browser and target could not go on. One that was taken back before its answer, or lost
 * its path before, is neither: its edge asks again, and is counted then.
 */
export class ConnectionStats {
  #asked = 0;
  #opened = 0;
  #failed = 0;
  #lost = 0;
  /** By class, not cumulative. */
  readonly #setup: number[] = SETUP_BOUNDS_MS.map(() => 0);
  /** Those that count: of users, not of the canary tenant. */
  readonly #counted = new WeakSet<Circuit>();

  /** A connection comes to this worker, or comes back to it. */
  came(circuit: Circuit): void {
    this.#counted.add(circuit);
    if (!circuit.resumed) this.#asked += 1;
  }

  /** The agent has answered its OPEN: it is open, so many ms after it was asked for. */
  opened(circuit: Circuit, setupMs: number): void {
    if (!this.#counted.has(circuit)) return;
    this.#opened += 1;
    const at = SETUP_BOUNDS_MS.findIndex((le) => setupMs <= le);
    if (at >= 0) this.#setup[at] = (this.#setup[at] ?? 0) + 1;
  }

  ended(circuit: Circuit, end: CircuitEnd): void {
    if (!this.#counted.delete(circuit)) return;
    const wasOpen = circuit.open || circuit.resumed;
    if (wasOpen) this.#lost += isLoss(end) ? 1 : 0;
    else if (end.by !== 'edge' && isFailure(end.reason)) this.#failed += 1;
  }

  /** This worker has refused an OPEN of a session that is here, or an unknown one's, itself. */
  refused(code: string): void {
    if (!isFailure(code)) return;
    this.#asked += 1;
    this.#failed += 1;
  }

  read(): NodeStats {
    let count = 0;
    const setup = SETUP_BOUNDS_MS.map((le, i) => {
      count += this.#setup[i] ?? 0;
      return { le, count };
    });
    return { asked: this.#asked, opened: this.#opened, failed: this.#failed, lost: this.#lost, setup };
  }
}
