import { sleep } from '@culvert/base';

/** Outcomes change now and then; what flickers more often than this is a fault of its own. */
const MAX_RUNS = 5_000;

/** The same outcome, some times in a row. */
export interface Run {
  readonly outcome: string;
  readonly sinceMs: number;
  count: number;
  untilMs: number;
}

/** What came of attempts that are repeated all the time. */
export class Attempts implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #runs: Run[] = [];
  readonly #done: Promise<void>;

  /** `attempt` answers with a word for what came of it, and has a deadline of its own; `periodMs` between two of them. */
  constructor(attempt: () => Promise<string>, periodMs: number) {
    this.#done = this.#run(attempt, periodMs);
    this.#done.catch(() => undefined); // `stop` tells it
  }

  get runs(): readonly Run[] {
    return this.#runs;
  }

  get count(): number {
    return this.#runs.reduce((sum, { count }) => sum + count, 0);
  }

  /** How often each outcome other than `wanted` came. */
  others(wanted: string): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { outcome, count } of this.#runs) {
      if (outcome !== wanted) counts[outcome] = (counts[outcome] ?? 0) + count;
    }
    return counts;
  }

  /** The longest time in which nothing else came than what `counts` picks, from the begin of the first such attempt, ms. */
  longestMs(counts: (outcome: string) => boolean): number {
    let longestMs = 0;
    let sinceMs: number | undefined;
    for (const run of this.#runs) {
      if (!counts(run.outcome)) {
        sinceMs = undefined;
        continue;
      }
      sinceMs ??= run.sinceMs;
      longestMs = Math.max(longestMs, run.untilMs - sinceMs);
    }
    return longestMs;
  }

  /** Resolves when the last one has come to its end. Rejects if an attempt did. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done.catch(() => undefined); // whoever wants to know has called `stop`
  }

  async #run(attempt: () => Promise<string>, periodMs: number): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const sinceMs = performance.now();
      this.#add(await attempt(), sinceMs);
      await sleep(Math.max(1, periodMs - (performance.now() - sinceMs)), this.#stop.signal);
    }
  }

  #add(outcome: string, sinceMs: number): void {
    const last = this.#runs.at(-1);
    const untilMs = performance.now();
    if (last?.outcome === outcome) {
      last.count += 1;
      last.untilMs = untilMs;
      return;
    }
    if (this.#runs.length >= MAX_RUNS) throw new Error(`more than ${MAX_RUNS} changes, the last to ${outcome}`);
    this.#runs.push({ outcome, sinceMs, count: 1, untilMs });
  }
}
