import assert from 'node:assert/strict';
import type { ResumeCounts } from './resume-counts.ts';
import type { Tally } from './traffic.ts';

const COLUMNS = ['case', 'connections', 'lost', 'wrong bytes', 'refused', 'resumed', 'replayed bytes'] as const;
const GAPS = ['gap p50 ms', 'p99 ms', 'max ms'] as const;

/** The value that this share of all values does not exceed (nearest rank); NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Collects what the cases of a file came to, for one table at its end. */
export class Report {
  readonly #rows: string[][] = [[...COLUMNS, ...GAPS]];

  /** `replayed` is what the gateways counted; local proxies and agents have no metrics. */
  add(name: string, tally: Tally, { resumed, replayedBytes }: ResumeCounts): void {
    const { connections, lost, wrongBytes, refused, opened, gapsMs } = tally;
    const sum = Object.values(refused).reduce((total, count) => total + count, 0);
    const counts = [connections, lost.length, wrongBytes, `${sum} of ${opened + sum}`, resumed, replayedBytes];
    const gaps = [0.5, 0.99, 1].map((share) => percentile(gapsMs, share).toFixed(0));
    this.#rows.push([name, ...counts.map(String), ...gaps]);
  }

  toString(): string {
    const widths = [...COLUMNS, ...GAPS].map((_, at) => Math.max(...this.#rows.map((row) => row[at]?.length ?? 0)));
    const lines = this.#rows.map((row) =>
      row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
    );
    return `${lines.join('\n')}\n`;
  }

  print(): void {
    process.stdout.write(`\n${this}`);
  }
}

/** Nothing was lost, and every byte was right. */
export function assertKept({ lost, wrongBytes }: Tally): void {
  assert.deepEqual({ lost, wrongBytes }, { lost: [], wrongBytes: 0 });
}

/** 99 % of all gaps are within the limit. */
export function assertGaps({ gapsMs }: Tally, p99Ms: number): void {
  assert.ok(gapsMs.length > 0, 'no gap was measured');
  const p99 = percentile(gapsMs, 0.99);
  assert.ok(p99 <= p99Ms, `gap p99 is ${p99.toFixed(0)} ms, more than ${p99Ms} ms`);
}
