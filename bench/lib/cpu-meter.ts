import { cpuSeconds } from './children.ts';

/** CPU time of processes that come and go. */
export class CpuMeter {
  readonly #pids: () => readonly number[];
  readonly #first = new Map<number, number>();
  readonly #last = new Map<number, number>();

  constructor(pids: () => readonly number[]) {
    this.#pids = pids;
  }

  look(): void {
    const fresh = this.#first.size > 0;
    for (const pid of this.#pids()) {
      try {
        const seconds = cpuSeconds([pid]);
        // One that was started on the way has used all of its time for it.
        if (!this.#first.has(pid)) this.#first.set(pid, fresh ? 0 : seconds);
        this.#last.set(pid, seconds);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // it has ended meanwhile
      }
    }
  }

  get seconds(): number {
    return [...this.#last].reduce((sum, [pid, last]) => sum + last - (this.#first.get(pid) ?? 0), 0);
  }
}
