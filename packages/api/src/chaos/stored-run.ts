import type { ChaosBody, ChaosFigures, ChaosRun } from '@culvert/contracts';

/** What one edge process had counted when the run began, or when it was first seen after that; and since. */
export interface EdgeMark {
  readonly openedBefore: number;
  readonly failedBefore: number;
  /** Records of connections that lost their path were read up to here. */
  seq: number;
  opened: number;
  failed: number;
}

/** What a step began with, so that it can be told what it cost. */
export interface StepMark {
  readonly atMs: number;
  readonly lost: number;
  readonly resumed: number;
  readonly failed: number;
  readonly gaps: number;
  /** Redis's name for the life of its server. */
  readonly server: string | null;
  /** Where the nodes are told, and told again: while a fault lasts the directory may not have them. */
  readonly admins: readonly string[];
  /** Nodes that have the order. */
  readonly sent: string[];
}

/** A run as it is kept: what the API shows of it, and what whoever goes on with it has to know. JSON. */
export interface StoredRun {
  readonly body: ChaosBody;
  run: ChaosRun;
  readonly startedMs: number;
  /** By node and life of its process. */
  readonly edges: Record<string, EdgeMark>;
  /** Of connections that were resumed, ms. */
  readonly gaps: number[];
  marks: (StepMark | null)[];
  /** Sessions that had an owner at the beginning. */
  watched: string[];
  /** Ids of tenants and keys, and of entries of the history, that were there at the beginning. */
  readonly settings: readonly string[];
  readonly history: readonly string[];
  /** Lives that the run has ended. */
  readonly killed: string[];
}

/** Gaps kept of one run: enough for its percentiles. */
export const MAX_GAPS = 10_000;

export const NO_FIGURES: ChaosFigures = {
  opened: 0,
  failed: 0,
  lost: 0,
  resumed: 0,
  gapMs: null,
  edgesEnded: 0,
  sessions: { watched: 0, unserved: 0, lost: 0 },
  settingsLost: 0,
  historyLost: 0,
};

/** Nearest rank: the least value that this share of all does not exceed; undefined of none. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}
