import { Backoff } from '@culvert/base';

const FIRST_MS = 500;
const MAX_MS = 5_000;

interface Trial {
  readonly backoff: Backoff;
  notBeforeMs: number;
  running: boolean;
}

/** When what failed may be tried again, by effect key: ticks come faster than a provider should be asked. */
export class Attempts {
  readonly #trials = new Map<string, Trial>();
  readonly #now: () => number;
  readonly #random: () => number;

  constructor(now: () => number = () => performance.now(), random: () => number = Math.random) {
    this.#now = now;
    this.#random = random;
  }

  /** False: it is under way, or failed a moment ago. */
  begin(key: string): boolean {
    const trial = this.#trials.get(key) ?? {
      backoff: new Backoff({ firstMs: FIRST_MS, maxMs: MAX_MS, random: this.#random }),
      notBeforeMs: Number.NEGATIVE_INFINITY,
      running: false,
    };
    if (trial.running || this.#now() < trial.notBeforeMs) return false;
    trial.running = true;
    this.#trials.set(key, trial);
    return true;
  }

  succeeded(key: string): void {
    this.#trials.delete(key);
  }

  /** How often it has failed by now. */
  failed(key: string): number {
    const trial = this.#trials.get(key);
    if (trial === undefined) return 1;
    trial.running = false;
    trial.notBeforeMs = this.#now() + trial.backoff.next(FIRST_MS / 2);
    return trial.backoff.attempts;
  }

  /** Another deployment: keys of the one before are not asked for again. */
  clear(): void {
    for (const [key, { running }] of this.#trials) if (!running) this.#trials.delete(key);
  }
}
