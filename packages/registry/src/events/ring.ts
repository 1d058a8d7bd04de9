import { compareIds, type EventEntry } from './entry.ts';

/** Something may be missing after `after` and before `oldest` (null: nothing is left); what follows comes after `next`. */
export interface RingGap {
  readonly after: string;
  readonly oldest: string | null;
  readonly next: string;
}

export type RingStep = { readonly entry: EventEntry } | { readonly gap: RingGap };

/**
 * The last entries that the tail has seen, for everybody who follows it. A follower walks along by position; how it
 * comes to one tells `positionAfter`. Gaps are steps like entries, so that each follower meets them in their place.
 */
export class EventRing {
  readonly #capacity: number;
  #steps: RingStep[] = [];
  /** Position of the first step that is kept; positions only rise. */
  #base = 0;
  /** From this position on there is no gap, and every entry after `#floor` is there. */
  #runStart = 0;
  #floor: string;
  #last: string;
  #gaps = 0;

  /** Holds what comes after `last`; `capacity` steps at most, a quarter more for moments. */
  constructor(last: string, capacity: number) {
    this.#capacity = capacity;
    this.#floor = last;
    this.#last = last;
  }

  /** Id up to which everything was seen. */
  get last(): string {
    return this.#last;
  }

  /** Rises with each gap: ids from before one cannot be compared with ids from after it. */
  get gaps(): number {
    return this.#gaps;
  }

  has(id: string): boolean {
    return this.#steps.some((step) => 'entry' in step && step.entry.id === id);
  }

  add(entries: readonly EventEntry[]): void {
    for (const entry of entries) {
      this.#steps.push({ entry });
      this.#last = entry.id;
    }
    this.#trim();
  }

  addGap(gap: RingGap): void {
    this.#steps.push({ gap });
    this.#gaps += 1;
    this.#runStart = this.#base + this.#steps.length;
    this.#floor = gap.next;
    this.#last = gap.next;
    this.#trim();
  }

  /** Where to go on after the entry `id`; undefined: the ring does not reach back so far. */
  positionAfter(id: string): number | undefined {
    if (compareIds(id, this.#floor) < 0) return undefined;
    let at = this.#steps.length;
    while (this.#base + at > this.#runStart && this.#isAfter(at - 1, id)) at -= 1;
    return this.#base + at;
  }

  /** The step at a position; undefined: it is yet to come. */
  at(position: number): RingStep | 'dropped' | undefined {
    return position < this.#base ? 'dropped' : this.#steps[position - this.#base];
  }

  #isAfter(at: number, id: string): boolean {
    const step = this.#steps[at];
    return step !== undefined && 'entry' in step && compareIds(step.entry.id, id) > 0;
  }

  #trim(): void {
    if (this.#steps.length <= this.#capacity * 1.25) return; // in blocks: dropping moves the rest
    const dropped = this.#steps.splice(0, this.#steps.length - this.#capacity);
    this.#base += dropped.length;
    if (this.#base <= this.#runStart) return;
    this.#runStart = this.#base;
    const newest = dropped.at(-1);
    if (newest && 'entry' in newest) this.#floor = newest.entry.id;
  }
}
