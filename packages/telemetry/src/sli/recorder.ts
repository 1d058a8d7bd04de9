import { type Clock, systemClock } from '@culvert/base';
import { MAX_TENANTS, OTHER_TENANTS } from './bucket.ts';
import { addCounts, noCounts, type SliCounts, type SliSource } from './counts.ts';
import { type SliChange, SliSeries, type SliTime } from './series.ts';

/**
 * Counts what this process saw of connections and sessions, by source and tenant. The tenants that come first are counted
 * apart, all others together, so that whoever makes tenants does not make counts.
 */
export class SliRecorder {
  readonly #clock: Clock;
  readonly #series = new Map<string, SliSeries>();
  readonly #tenants = new Set<string>();
  #wallMs: number;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
    this.#wallMs = clock.now();
  }

  /** Whoever counts something up and down again keeps what it was given. */
  of(source: SliSource, tenant: string): SliSeries {
    const counted = this.#countedAs(tenant);
    const key = `${source} ${counted}`;
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const series = new SliSeries(source, counted, () => this.#now());
    this.#series.set(key, series);
    return series;
  }

  /** Everything that is not written as it is now; absolute, so that writing it twice changes nothing. */
  changes(): SliChange[] {
    return [...this.#series.values()].flatMap((series) => series.changes());
  }

  /** Everything counted since the process started, all tenants together. */
  total(source: SliSource): SliCounts {
    const all = [...this.#series.values()].filter((series) => series.source === source);
    return all.reduce((sum, series) => addCounts(sum, series.total()), noCounts());
  }

  #countedAs(tenant: string): string {
    if (this.#tenants.has(tenant)) return tenant;
    if (this.#tenants.size >= MAX_TENANTS) return OTHER_TENANTS;
    this.#tenants.add(tenant);
    return tenant;
  }

  /** A wall clock that is set back stands still: a bucket that was written and let go of would begin at 0 again. */
  #now(): SliTime {
    this.#wallMs = Math.max(this.#wallMs, this.#clock.now());
    return { wallMs: this.#wallMs, steadyMs: this.#clock.monotonic() };
  }
}
