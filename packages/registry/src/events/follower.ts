import { Backoff, CulvertError, sleep } from '@culvert/base';
import { BEGINNING, compareIds, type EventEntry } from './entry.ts';
import { type HistoryPart, lossAfter } from './history.ts';
import type { RingGap } from './ring.ts';
import type { EventTail } from './tail.ts';

/** Entries that are handed over at once, at most: what a slow reader holds. */
export const ENTRIES_AT_ONCE = 100;
const RETRY_FIRST_MS = 200;
const RETRY_MAX_MS = 2_000;

export type Followed =
  | { readonly kind: 'entries'; readonly entries: readonly EventEntry[] }
  /** What came after `after` and before `oldest` (null: nothing is left) may be missing. */
  | { readonly kind: 'gap'; readonly after: string; readonly oldest: string | null }
  /** Redis cannot be read now: what happens meanwhile comes later … */
  | { readonly kind: 'away' }
  /** … from here on. */
  | { readonly kind: 'back' };

/** What a follower goes along with. */
export type FollowedTail = Pick<EventTail, 'ring' | 'away' | 'version' | 'join' | 'leave' | 'changed'>;

/** Reads ENTRIES_AT_ONCE entries after an id. */
export type ReadPart = (after: string) => Promise<HistoryPart>;

/**
 * One reader of the history who wants what comes, too. It holds no queue: it reads from Redis until it meets what the
 * tail has seen, and goes along there; one that is too slow for the tail reads from Redis again.
 */
export class EventFollower {
  readonly #tail: FollowedTail;
  readonly #readPart: ReadPart;
  readonly #closing = new AbortController();
  readonly #backoff = new Backoff({ firstMs: RETRY_FIRST_MS, maxMs: RETRY_MAX_MS });
  readonly #ready: Followed[] = [];
  #cursor: string;
  /** In the tail's ring; undefined: it reads from Redis. */
  #position: number | undefined;
  /** `gaps` of the ring when Redis was read last; undefined: read before going along the ring. */
  #readAt: number | undefined;
  #unreadable = false;
  #toldAway = false;

  private constructor(tail: FollowedTail, readPart: ReadPart, cursor: string) {
    this.#tail = tail;
    this.#readPart = readPart;
    this.#cursor = cursor;
  }

  /** Begins after the entry `after`, or with the next one to come. Rejects with `registry_unavailable`. */
  static async begin(tail: FollowedTail, readPart: ReadPart, after?: string): Promise<EventFollower> {
    const follower = new EventFollower(tail, readPart, after ?? BEGINNING);
    tail.join(follower);
    try {
      const gaps = tail.ring?.gaps;
      const part = await readPart(follower.#cursor);
      follower.#readAt = gaps;
      if (after === undefined) follower.#cursor = part.newest ?? BEGINNING;
      else follower.#take(part);
    } catch (error) {
      follower.close();
      throw error;
    }
    return follower;
  }

  /** Id up to which everything was handed over: where another one would go on without loss or repetition. */
  get cursor(): string {
    return this.#cursor;
  }

  /** Waits for what is next; undefined once it is closed. Rejects only for what is no outage of Redis. */
  async next(): Promise<Followed | undefined> {
    for (;;) {
      if (this.#closing.signal.aborted) return undefined;
      const version = this.#tail.version;
      const ready = this.#news() ?? this.#ready.shift() ?? this.#walk();
      if (ready) {
        this.#moveTo(ready);
        return ready;
      }
      if (this.#position === undefined && (await this.#readOn())) continue;
      await this.#tail.changed(version, this.#closing.signal);
    }
  }

  /** Idempotent; `next` answers undefined from now on. */
  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#tail.leave(this);
  }

  #moveTo(ready: Followed): void {
    if (ready.kind === 'entries') this.#cursor = ready.entries.at(-1)?.id ?? this.#cursor;
  }

  #news(): Followed | undefined {
    const away = this.#tail.away || this.#unreadable;
    if (away === this.#toldAway) return undefined;
    this.#toldAway = away;
    return { kind: away ? 'away' : 'back' };
  }

  /** Along the ring: entries up to the next gap, or the gap. */
  #walk(): Followed | undefined {
    const { ring } = this.#tail;
    if (!ring) return undefined;
    if (this.#position === undefined && this.#readAt === ring.gaps) this.#position = ring.positionAfter(this.#cursor);
    const entries: EventEntry[] = [];
    while (this.#position !== undefined && entries.length < ENTRIES_AT_ONCE) {
      const step = ring.at(this.#position);
      if (step === 'dropped') {
        this.#position = undefined; // too slow for it
        this.#readAt = undefined;
      } else if (step === undefined || ('gap' in step && entries.length > 0)) {
        break;
      } else {
        this.#position += 1;
        if ('gap' in step) {
          const gap = this.#crossGap(step.gap);
          if (gap) return gap;
          continue;
        }
        // Otherwise read from Redis before the tail saw it.
        if (compareIds(step.entry.id, this.#cursor) > 0) entries.push(step.entry);
      }
    }
    return entries.length > 0 ? { kind: 'entries', entries } : undefined;
  }

  #crossGap({ after, oldest, next }: RingGap): Followed | undefined {
    const rewound = compareIds(next, after) < 0;
    // It has read from Redis what came after, and was told then.
    if (!rewound && compareIds(this.#cursor, after) > 0) return undefined;
    this.#cursor = next;
    return { kind: 'gap', after, oldest };
  }

  /** false: there is nothing more to read; the tail tells when there is. */
  async #readOn(): Promise<boolean> {
    try {
      const gaps = this.#tail.ring?.gaps;
      const took = this.#take(await this.#readPart(this.#cursor));
      this.#readAt = gaps;
      this.#unreadable = false;
      this.#backoff.reset();
      return took;
    } catch (error) {
      if (this.#closing.signal.aborted) return true;
      if (!(error instanceof CulvertError) || error.code !== 'registry_unavailable') throw error;
      // Told first, then waited for.
      if (this.#unreadable) await sleep(this.#backoff.next(RETRY_FIRST_MS), this.#closing.signal);
      this.#unreadable = true;
      return true;
    }
  }

  #take(part: HistoryPart): boolean {
    const loss = lossAfter(this.#cursor, part);
    if (loss !== 'none') this.#ready.push({ kind: 'gap', after: this.#cursor, oldest: part.oldest });
    // Nobody knows which of what is there was read before: all of it, rather than too little.
    if (loss === 'rewound') this.#cursor = BEGINNING;
    else if (part.entries.length > 0) this.#ready.push({ kind: 'entries', entries: part.entries });
    return this.#ready.length > 0;
  }
}
