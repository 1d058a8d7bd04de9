import type { Objectives, SloName } from '@culvert/contracts';
import { SETUP_BOUNDS_MS, type SliCounts } from '@culvert/telemetry';

/** How much of what was counted is good; `good` ≤ `total`. Connections; of session_availability, ms. */
export interface Share {
  readonly good: number;
  readonly total: number;
}

/** What an objective looks at. */
export function shareOf(name: SloName, counts: SliCounts, objectives: Objectives): Share {
  const { opened, failed, lost, servedMs, unservedMs } = counts;
  switch (name) {
    case 'connection_success':
      return { good: opened, total: opened + failed };
    case 'session_availability':
      return { good: servedMs, total: servedMs + unservedMs };
    case 'setup':
      return fastEnough(counts.setup, objectives.setup.withinMs);
    case 'lost_connections': {
      // What is lost may have been opened before this time began.
      const total = Math.max(opened, lost);
      return { good: total - lost, total };
    }
  }
}

export function bad({ good, total }: Share): number {
  return total - good;
}

/** null: no data. */
export function attainment({ good, total }: Share): number | null {
  return total > 0 ? good / total : null;
}

function fastEnough(setup: readonly number[], withinMs: number): Share {
  const total = setup.reduce((sum, count) => sum + count, 0);
  const good = setup.reduce((sum, count, i) => sum + ((SETUP_BOUNDS_MS[i] ?? Infinity) <= withinMs ? count : 0), 0);
  return { good, total };
}
