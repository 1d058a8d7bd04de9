import { Histogram } from './histogram.ts';

export type MetricKind = 'counter' | 'gauge' | 'rate' | 'trend';

/** What the samples of a metric come to. Memory does not grow with their number. */
export interface Sink {
  readonly kind: MetricKind;
  readonly empty: boolean;
  add(value: number): void;
  /** One aggregation by its k6 name (`p(99.9)` too); undefined: this kind has none of that name. `elapsedMs`: for rates. */
  value(aggregation: string, elapsedMs: number): number | undefined;
  /** All that a summary shows. */
  values(elapsedMs: number): Readonly<Record<string, number>>;
}

export const AGGREGATIONS: Readonly<Record<MetricKind, RegExp>> = {
  counter: /^(?:count|rate)$/,
  gauge: /^value$/,
  rate: /^rate$/,
  trend: /^(?:avg|min|med|max|p\((?:100|\d{1,2}(?:\.\d+)?)\))$/,
};

export function makeSink(kind: MetricKind): Sink {
  return {
    counter: () => new CounterSink(),
    gauge: () => new GaugeSink(),
    rate: () => new RateSink(),
    trend: () => new TrendSink(),
  }[kind]();
}

class CounterSink implements Sink {
  readonly kind = 'counter';
  empty = true;
  #sum = 0;

  add(value: number): void {
    this.empty = false;
    this.#sum += value;
  }

  value(aggregation: string, elapsedMs: number): number | undefined {
    return this.values(elapsedMs)[aggregation];
  }

  values(elapsedMs: number): Record<string, number> {
    return { count: this.#sum, rate: elapsedMs > 0 ? (this.#sum * 1_000) / elapsedMs : 0 };
  }
}

class GaugeSink implements Sink {
  readonly kind = 'gauge';
  empty = true;
  #value = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  add(value: number): void {
    this.empty = false;
    this.#value = value;
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
  }

  value(aggregation: string): number | undefined {
    return aggregation === 'value' ? this.#value : undefined;
  }

  values(): Record<string, number> {
    return this.empty ? { value: 0, min: 0, max: 0 } : { value: this.#value, min: this.#min, max: this.#max };
  }
}

/** How many of its samples are not 0. */
class RateSink implements Sink {
  readonly kind = 'rate';
  #passes = 0;
  #total = 0;

  get empty(): boolean {
    return this.#total === 0;
  }

  add(value: number): void {
    this.#total += 1;
    if (value !== 0) this.#passes += 1;
  }

  value(aggregation: string): number | undefined {
    return aggregation === 'rate' ? this.values().rate : undefined;
  }

  values(): Record<string, number> {
    const rate = this.#total === 0 ? 0 : this.#passes / this.#total;
    return { rate, passes: this.#passes, fails: this.#total - this.#passes };
  }
}

class TrendSink implements Sink {
  readonly kind = 'trend';
  readonly #histogram = new Histogram();

  get empty(): boolean {
    return this.#histogram.count === 0;
  }

  add(value: number): void {
    this.#histogram.add(value);
  }

  value(aggregation: string): number | undefined {
    const percent = /^p\(([\d.]+)\)$/.exec(aggregation)?.[1];
    return percent === undefined ? this.values()[aggregation] : this.#histogram.percentile(Number(percent));
  }

  values(): Record<string, number> {
    const { mean, min, max, count } = this.#histogram;
    const at = (percent: number): number => this.#histogram.percentile(percent);
    return { avg: mean, min, med: at(50), max, 'p(90)': at(90), 'p(95)': at(95), 'p(99)': at(99), count };
  }
}
