import type { ErrorCode } from '@culvert/base';

/** What the way back of connections came to, for metrics. */
export interface ReattachMetrics {
  /** A connection goes on: how long it had no path, ms, and how many bytes this side sent again. */
  resumed(gapMs: number, replayedBytes: number): void;
  /** A connection could not go on. */
  lost(reason: ErrorCode): void;
}

export const noReattachMetrics: ReattachMetrics = { resumed: () => undefined, lost: () => undefined };
