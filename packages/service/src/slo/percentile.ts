import type { ClassedTime } from '@culvert/contracts';
import { SETUP_BOUNDS_MS } from '@culvert/telemetry';

/**
 * A percentile of times that are known by how many are in each class: where it is within its class is interpolated, as if the
 * class were filled evenly. `share` in (0, 1]. null: no data.
 */
export function classedPercentile(counts: readonly number[], share: number): ClassedTime | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  // The nearest rank: the smallest value that this share of all does not exceed.
  const rank = Math.max(1, Math.ceil(share * total));
  let before = 0;
  for (const [i, count] of counts.entries()) {
    if (before + count >= rank) return within(i, (rank - before) / count);
    before += count;
  }
  return null;
}

function within(index: number, part: number): ClassedTime {
  const fromMs = SETUP_BOUNDS_MS[index - 1] ?? 0;
  const toMs = SETUP_BOUNDS_MS[index] ?? null;
  // Above the last bound nothing is known but the bound.
  return { ms: toMs === null ? fromMs : fromMs + (toMs - fromMs) * part, fromMs, toMs };
}
