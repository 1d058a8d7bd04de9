import type { ReattachRecord, ReattachRecords } from '@culvert/contracts';

/** Records kept; each is some 400 bytes. */
const KEPT = 20_000;

export interface ReattachLogOptions {
  /** How many records are kept, 1 or more; default 20,000. */
  readonly kept?: number;
  /** ms since the Unix epoch. */
  readonly now?: () => number;
}

/** One connection that lost its path, and what became of it. */
export type Reattachment = Omit<ReattachRecord, 'seq' | 'at'>;

/** The last connections of this process that lost their path, in the order in which it was decided what became of them. */
export class ReattachLog {
  readonly #kept: number;
  readonly #now: () => number;
  /** A ring: the record `seq` is at `(seq - 1) % kept`. */
  readonly #ring: ReattachRecord[] = [];
  #newest = 0;

  constructor({ kept = KEPT, now = Date.now }: ReattachLogOptions = {}) {
    this.#kept = kept;
    this.#now = now;
  }

  add(reattachment: Reattachment): void {
    const at = new Date(this.#now()).toISOString();
    this.#ring[this.#newest % this.#kept] = { seq: this.#newest + 1, at, ...reattachment };
    this.#newest += 1;
  }

  /** What was added behind the record `after` (0: all that is kept), the oldest first. */
  since(after: number): Omit<ReattachRecords, 'boot'> {
    const first = Math.max(after + 1, this.#newest - this.#ring.length + 1);
    const items: ReattachRecord[] = [];
    for (let seq = first; seq <= this.#newest; seq += 1) {
      const record = this.#ring[(seq - 1) % this.#kept];
      if (record !== undefined) items.push(record);
    }
    return { next: this.#newest, gap: first > after + 1, items };
  }
}
