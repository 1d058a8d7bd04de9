import type { SliCounts, SliSource } from './counts.ts';

/** Spans of time over which counts are kept: fine ones for a short while, coarse ones for long. */
export const SLI_SPANS = {
  minute: { ms: 60_000, keptMs: 4 * 86_400_000 },
  hour: { ms: 3_600_000, keptMs: 40 * 86_400_000 },
  day: { ms: 86_400_000, keptMs: 400 * 86_400_000 },
} as const;
export type SliSpan = keyof typeof SLI_SPANS;

/** Tenants that one process counts apart from each other; the others are counted together, as this one. */
export const OTHER_TENANTS = '~other';
export const MAX_TENANTS = 200;

/**
 * What one boot of one node counted for one tenant and source within one span of time: absolute, so writing it again
 * changes nothing, and a later one of the same span replaces it.
 */
export interface SliBucket {
  readonly span: SliSpan;
  /** Where the span begins, ms since the Unix epoch; a multiple of its length. */
  readonly startMs: number;
  readonly source: SliSource;
  readonly tenant: string;
  readonly counts: SliCounts;
}

/** Where buckets are kept; the registry has one. */
export interface SliStore {
  /** All buckets that changed since they were written last. @throws CulvertError registry_unavailable */
  writeSli(boot: { readonly node: string; readonly boot: string }, buckets: readonly SliBucket[]): Promise<void>;
}
