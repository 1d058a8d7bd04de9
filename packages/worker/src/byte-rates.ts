/** A rate is taken over at least this, ms. */
const SHORTEST_MS = 1_000;
/** … and over this, or a little more, when somebody looks often. */
const WINDOW_MS = 5_000;

interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

interface Seen {
  /** What the rate is counted from. */
  readonly base: Sample;
  /** What it will be counted from next. */
  readonly newer: Sample;
  readonly last: Sample;
  /** When more bytes than before were seen, ms; null: never. */
  readonly changedAtMs: number | null;
}

export interface ByteRate {
  /** null: this is the first look, or the one before was a moment ago. */
  readonly bytesPerSecond: number | null;
  /** By when its last byte had passed, ms, as far as looks tell; null: no byte has, since the first one. */
  readonly changedAtMs: number | null;
}

/**
 * How fast connections are, from what is seen of their counts whenever somebody looks: nothing is sampled while nobody does.
 * Looks come in rounds; what was not in a round is forgotten.
 */
export class ByteRates {
  #before = new Map<string, Seen>();
  #round = new Map<string, Seen>();

  /** A new round of looks begins. */
  begin(): void {
    this.#before = this.#round;
    this.#round = new Map();
  }

  /** `bytes`: all that have passed so far. */
  look(key: string, bytes: number, nowMs: number): ByteRate {
    const now: Sample = { atMs: nowMs, bytes };
    const seen = next(this.#before.get(key), now);
    this.#round.set(key, seen);
    const overMs = nowMs - seen.base.atMs;
    const passed = bytes - seen.base.bytes;
    // A connection that came over another path may count from where that left off.
    const known = overMs >= SHORTEST_MS && passed >= 0;
    return { bytesPerSecond: known ? (passed * 1_000) / overMs : null, changedAtMs: seen.changedAtMs };
  }
}

function next(seen: Seen | undefined, now: Sample): Seen {
  if (seen === undefined) return { base: now, newer: now, last: now, changedAtMs: null };
  const { base, newer, last } = seen;
  const changedAtMs = now.bytes === last.bytes ? seen.changedAtMs : now.atMs;
  if (now.atMs - newer.atMs < WINDOW_MS) return { base, newer, last: now, changedAtMs };
  return { base: newer, newer: now, last: now, changedAtMs };
}
