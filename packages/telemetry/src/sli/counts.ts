/** Who made the connections that are counted: customers, or Culvert's own probes. */
export type SliSource = 'real' | 'synthetic';

/** Upper bounds of the classes into which set-up times are counted, ms; one more class is above the last. */
export const SETUP_BOUNDS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 300, 500, 750, 1_000, 1_500, 2_500, 5_000, 10_000, 20_000, 35_000,
] as const;

/**
 * What service-level indicators are made of, counted by one process for one tenant and one source in one span of time.
 * Sums: those of several processes, tenants or spans of time are added up field by field.
 */
export interface SliCounts {
  /** Connections that were opened. */
  readonly opened: number;
  /** Connections that were asked for and not opened, by Culvert's fault. */
  readonly failed: number;
  /** Connections that were asked for and not opened for another reason: the target's, the customer's rules, no agent. */
  readonly excused: number;
  /** Open connections that Culvert broke off: they lost their path and could not go on. */
  readonly lost: number;
  /** Times that a connection lost its path and went on. */
  readonly resumed: number;
  /** Sum of the times that those had no path, ms. */
  readonly gapMs: number;
  /** Connections that ended, lost ones included. */
  readonly closed: number;
  /** Sum of the times for which connections were open, ms. Grows while they are open. */
  readonly connectionMs: number;
  /** Set-up times of opened connections, one count per class of SETUP_BOUNDS_MS and one above. */
  readonly setup: readonly number[];
  /** Sum of the times in which sessions could be used, ms. */
  readonly servedMs: number;
  /** Sum of the times in which sessions could not be used although their agents wanted to be there, ms. */
  readonly unservedMs: number;
}

export function noCounts(): SliCounts {
  const counts = { opened: 0, failed: 0, excused: 0, lost: 0, resumed: 0, gapMs: 0, closed: 0, connectionMs: 0 };
  return { ...counts, setup: new Array(SETUP_BOUNDS_MS.length + 1).fill(0), servedMs: 0, unservedMs: 0 };
}

export function addCounts(one: SliCounts, other: SliCounts): SliCounts {
  return {
    opened: one.opened + other.opened,
    failed: one.failed + other.failed,
    excused: one.excused + other.excused,
    lost: one.lost + other.lost,
    resumed: one.resumed + other.resumed,
    gapMs: one.gapMs + other.gapMs,
    closed: one.closed + other.closed,
    connectionMs: one.connectionMs + other.connectionMs,
    setup: one.setup.map((count, i) => count + (other.setup[i] ?? 0)),
    servedMs: one.servedMs + other.servedMs,
    unservedMs: one.unservedMs + other.unservedMs,
  };
}
