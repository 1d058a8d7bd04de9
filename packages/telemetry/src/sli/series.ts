import { SLI_SPANS, type SliBucket, type SliSpan } from './bucket.ts';
import { noCounts, SETUP_BOUNDS_MS, type SliCounts, type SliSource } from './counts.ts';

/** What grows with time for as long as something is there. */
export type SliLevel = 'connectionMs' | 'servedMs' | 'unservedMs';
/** What is counted or summed when something happens. */
export type SliField = Exclude<keyof SliCounts, 'setup' | 'connectionMs' | 'servedMs'>;

/** A time as buckets see it: `wallMs` never goes back, and only differences of `steadyMs` mean something. */
export interface SliTime {
  readonly wallMs: number;
  readonly steadyMs: number;
}

type Writable = { -readonly [K in keyof SliCounts]: K extends 'setup' ? number[] : SliCounts[K] };

/** The counts of one span of time. */
interface Slot {
  readonly span: SliSpan;
  readonly startMs: number;
  readonly counts: Writable;
  /** Rises with each change; a bucket was written when it is what was read for that. */
  version: number;
  written: number;
}

/** A bucket to be written, and what to call once it is. */
export interface SliChange {
  readonly bucket: SliBucket;
  readonly done: () => void;
}

const MINUTE_MS = SLI_SPANS.minute.ms;
/** Closed spans that wait to be written: 3 hours of minutes; of what is older, the hour still tells. */
const KEPT: Readonly<Record<SliSpan, number>> = { minute: 180, hour: 48, day: 7 };
/** The wall clock was set, rather than that time has passed: what has grown is counted where it is now. ms. */
const JUMP_MS = 5_000;
const SPANS = Object.keys(SLI_SPANS) as SliSpan[];

/** What is counted for one source and tenant, into the minute, the hour and the day that it happens in. */
export class SliSeries {
  readonly source: SliSource;
  readonly tenant: string;
  readonly #now: () => SliTime;
  readonly #levels: Record<SliLevel, number> = { connectionMs: 0, servedMs: 0, unservedMs: 0 };
  #at: SliTime;
  #slots: Slot[];
  readonly #total: Writable = writable(noCounts());
  /** Spans that are over and not written yet, the oldest first. */
  #closed: Slot[] = [];

  constructor(source: SliSource, tenant: string, now: () => SliTime) {
    this.source = source;
    this.tenant = tenant;
    this.#now = now;
    this.#at = now();
    this.#slots = SPANS.map((span) => slotAt(span, this.#at.wallMs));
  }

  add(field: SliField, by = 1): void {
    if (by === 0) return;
    this.#advance();
    this.#change((counts) => {
      counts[field] += by;
    });
  }

  /** A connection was opened. */
  opened(setupMs: number): void {
    this.#advance();
    const above = SETUP_BOUNDS_MS.findIndex((bound) => setupMs <= bound);
    const at = above === -1 ? SETUP_BOUNDS_MS.length : above;
    this.#change((counts) => {
      counts.opened += 1;
      counts.setup[at] = (counts.setup[at] ?? 0) + 1;
    });
  }

  /** So many more, or fewer, of what a level counts are there from now on. */
  change(level: SliLevel, by: number): void {
    this.#advance();
    this.#levels[level] += by;
  }

  /** Since the process started. */
  total(): SliCounts {
    this.#advance();
    return rounded(this.#total);
  }

  /** Everything that is not written as it is now. */
  changes(): SliChange[] {
    this.#advance();
    return [...this.#closed, ...this.#slots]
      .filter(({ version, written }) => version !== written)
      .map((slot) => {
        const { span, startMs, version } = slot;
        const bucket = { span, startMs, source: this.source, tenant: this.tenant, counts: rounded(slot.counts) };
        return { bucket, done: () => this.#written(slot, version) };
      });
  }

  #written(slot: Slot, version: number): void {
    slot.written = version;
    this.#closed = this.#closed.filter((one) => one.version !== one.written);
  }

  /** Counts what has grown since the last look, minute by minute. */
  #advance(): void {
    const from = this.#at;
    const to = this.#now();
    this.#at = to;
    const passedMs = to.wallMs - from.wallMs;
    const grownMs = to.steadyMs - from.steadyMs;
    const inSteps = passedMs > 0 && passedMs - grownMs <= JUMP_MS && passedMs <= KEPT.minute * MINUTE_MS && this.#grows;
    if (!inSteps) {
      this.#roll(to.wallMs);
      this.#grow(grownMs);
      return;
    }
    for (let atMs = from.wallMs; atMs < to.wallMs; ) {
      const endMs = Math.min(startOf('minute', atMs) + MINUTE_MS, to.wallMs);
      this.#grow((grownMs * (endMs - atMs)) / passedMs);
      atMs = endMs;
      this.#roll(atMs);
    }
  }

  get #grows(): boolean {
    const { connectionMs, servedMs, unservedMs } = this.#levels;
    return connectionMs > 0 || servedMs > 0 || unservedMs > 0;
  }

  #grow(ms: number): void {
    if (ms <= 0 || !this.#grows) return;
    const { connectionMs, servedMs, unservedMs } = this.#levels;
    this.#change((counts) => {
      counts.connectionMs += ms * connectionMs;
      counts.servedMs += ms * servedMs;
      counts.unservedMs += ms * unservedMs;
    });
  }

  #change(how: (counts: Writable) => void): void {
    how(this.#total);
    for (const slot of this.#slots) {
      how(slot.counts);
      slot.version += 1;
    }
  }

  #roll(wallMs: number): void {
    const [minute] = this.#slots;
    if (minute?.startMs === startOf('minute', wallMs)) return;
    this.#slots = this.#slots.map((slot) => {
      if (slot.startMs === startOf(slot.span, wallMs)) return slot;
      if (slot.version !== slot.written) this.#keep(slot);
      return slotAt(slot.span, wallMs);
    });
  }

  #keep(slot: Slot): void {
    this.#closed.push(slot);
    const same = this.#closed.filter(({ span }) => span === slot.span);
    const [oldest] = same;
    if (same.length > KEPT[slot.span]) this.#closed = this.#closed.filter((one) => one !== oldest);
  }
}

function startOf(span: SliSpan, ms: number): number {
  return ms - (ms % SLI_SPANS[span].ms);
}

function slotAt(span: SliSpan, wallMs: number): Slot {
  return { span, startMs: startOf(span, wallMs), counts: writable(noCounts()), version: 0, written: 0 };
}

function writable(counts: SliCounts): Writable {
  return { ...counts, setup: [...counts.setup] };
}

/** Times in whole ms. */
function rounded({ setup, gapMs, connectionMs, servedMs, unservedMs, ...counts }: Writable): SliCounts {
  const times = { gapMs, connectionMs, servedMs, unservedMs };
  for (const name of Object.keys(times) as (keyof typeof times)[]) times[name] = Math.round(times[name]);
  return { ...counts, ...times, setup: [...setup] };
}
