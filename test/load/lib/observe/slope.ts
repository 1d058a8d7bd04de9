interface Sample {
  readonly atMs: number;
  readonly value: number;
}

/** A series that grows beyond this loses every other sample, and takes every other one from then on. */
const MAX_SAMPLES = 2_000;

/** A figure over time, and how fast it grows. */
export class Growth {
  readonly #samples: Sample[] = [];
  #every = 1;
  #seen = 0;

  add(atMs: number, value: number): void {
    this.#seen += 1;
    if (this.#seen % this.#every !== 0) return;
    this.#samples.push({ atMs, value });
    if (this.#samples.length < MAX_SAMPLES) return;
    this.#samples.splice(0, this.#samples.length, ...this.#samples.filter((_, i) => i % 2 === 0));
    this.#every *= 2;
  }

  /** From the first sample to the last, ms. */
  get spanMs(): number {
    return (this.#samples.at(-1)?.atMs ?? 0) - (this.#samples[0]?.atMs ?? 0);
  }

  /**
   * Per hour, by least squares over the later `share` of the time: what a process needs until it is warm is not growth.
   * Undefined with less than three samples.
   */
  perHour(share = 0.7): number | undefined {
    const last = this.#samples.at(-1);
    if (!last) return undefined;
    const from = last.atMs - this.spanMs * share;
    const used = this.#samples.filter(({ atMs }) => atMs >= from);
    if (used.length < 3) return undefined;
    const mean = (of: (sample: Sample) => number): number => used.reduce((sum, one) => sum + of(one), 0) / used.length;
    const [atMean, valueMean] = [mean(({ atMs }) => atMs), mean(({ value }) => value)];
    const spread = used.reduce((sum, { atMs }) => sum + (atMs - atMean) ** 2, 0);
    if (spread === 0) return undefined;
    return (used.reduce((sum, { atMs, value }) => sum + (atMs - atMean) * (value - valueMean), 0) / spread) * 3_600_000;
  }
}
