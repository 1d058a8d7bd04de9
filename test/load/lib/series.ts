import { Histogram } from './histogram.ts';

/** Points of a plot at most: a long run has longer ones. */
const MAX_POINTS = 900;
/** A run that outlasts its plan by far is told of up to there. */
const MOST_POINTS = 2 * MAX_POINTS;

/** One stretch of time of a run. */
export interface Point {
  /** Its beginning, ms from the start of the run. */
  readonly atMs: number;
  /** Iterations under way at its end. */
  readonly vus: number;
  readonly iterations: number;
  readonly dropped: number;
  readonly requests: number;
  readonly failed: number;
  readonly lost: number;
  /** http_req_duration and exchange_duration, ms; null: there was none. */
  readonly requestMs: Percentiles | null;
  readonly exchangeMs: Percentiles | null;
}

interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** What happened, stretch by stretch; in the memory of so many points, however long the run is. */
export class Series {
  readonly bucketMs: number;
  readonly #points: Point[] = [];
  readonly #requestMs = new Histogram();
  readonly #exchangeMs = new Histogram();
  readonly #vus: () => number;
  readonly #counts = { iterations: 0, dropped: 0, requests: 0, failed: 0, lost: 0 };

  /** `longestMs`: of the run. */
  constructor(longestMs: number, vus: () => number) {
    this.bucketMs = Math.max(1, Math.ceil(longestMs / MAX_POINTS / 1_000)) * 1_000;
    this.#vus = vus;
  }

  get points(): readonly Point[] {
    return this.#points;
  }

  add(metric: string, value: number): void {
    if (metric === 'http_req_duration') this.#requestMs.add(value);
    else if (metric === 'exchange_duration') this.#exchangeMs.add(value);
    else {
      const name = COUNTED[metric];
      if (name !== undefined) this.#counts[name] += value;
    }
  }

  /** Ends every stretch that is over `elapsedMs` after the start; with `all`, also the one under way. */
  tick(elapsedMs: number, all = false): void {
    while (this.#points.length < MOST_POINTS && (this.#points.length + 1) * this.bucketMs <= elapsedMs) this.#push();
    if (all && elapsedMs - this.#points.length * this.bucketMs > this.bucketMs / 10) this.#push();
  }

  #push(): void {
    const { requests, iterations, dropped, failed, lost } = this.#counts;
    const counts = { iterations, dropped, requests, failed, lost };
    const times = { requestMs: percentiles(this.#requestMs), exchangeMs: percentiles(this.#exchangeMs) };
    this.#points.push({ atMs: this.#points.length * this.bucketMs, vus: this.#vus(), ...counts, ...times });
    Object.assign(this.#counts, { iterations: 0, dropped: 0, requests: 0, failed: 0, lost: 0 });
    this.#requestMs.clear();
    this.#exchangeMs.clear();
  }
}

const COUNTED: Readonly<Record<string, 'iterations' | 'dropped' | 'requests' | 'failed' | 'lost'>> = {
  iterations: 'iterations',
  dropped_iterations: 'dropped',
  http_reqs: 'requests',
  http_req_failed: 'failed',
  connections_lost: 'lost',
};

function percentiles(histogram: Histogram): Percentiles | null {
  if (histogram.count === 0) return null;
  return { p50: histogram.percentile(50), p95: histogram.percentile(95), p99: histogram.percentile(99) };
}
