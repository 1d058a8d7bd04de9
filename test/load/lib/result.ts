import type { CheckCount } from './checks.ts';
import type { ClientCounts } from './ledger.ts';
import type { Contents, Metrics } from './metrics.ts';
import type { Point } from './series.ts';
import type { MetricKind } from './sinks.ts';
import type { ThresholdResult } from './thresholds.ts';

/** As of k6: 99 when a threshold does not hold, 104 for a script that is wrong, 105 when a person ended it, 107 when it threw. */
export const EXIT = { ok: 0, thresholds: 99, config: 104, interrupted: 105, threw: 107 } as const;

export interface MetricResult {
  readonly name: string;
  readonly kind: MetricKind;
  readonly contents: Contents;
  readonly values: Readonly<Record<string, number>>;
}

/** Something that happened in the cluster, or that the script did to it. */
export interface Mark {
  /** From the start of the run. */
  readonly atMs: number;
  readonly text: string;
}

/** Why a run ended before its time. */
export type Abort =
  | {
      readonly why: 'threshold';
      readonly atMs: number;
      readonly threshold: ThresholdResult;
      readonly perSecond: number;
      readonly vus: number;
    }
  | { readonly why: 'signal'; readonly atMs: number };

/** All that a run came to. */
export interface LoadResult {
  readonly name: string;
  readonly exitCode: number;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly seed: number;
  readonly counts: ClientCounts;
  readonly thresholds: readonly ThresholdResult[];
  readonly checks: readonly CheckCount[];
  readonly metrics: readonly MetricResult[];
  readonly aborted: Abort | null;
  /** The first of what scripts threw, and of agents that were ended. */
  readonly errors: readonly string[];
  readonly bucketMs: number;
  readonly series: readonly Point[];
  readonly marks: readonly Mark[];
}

export function metricResults(metrics: Metrics, elapsedMs: number): MetricResult[] {
  return [...metrics].map(({ name, contents, sink }) => ({
    name,
    kind: sink.kind,
    contents,
    values: sink.values(elapsedMs),
  }));
}
