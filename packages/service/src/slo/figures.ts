import type { SloFigures } from '@culvert/contracts';
import type { SliCounts } from '@culvert/telemetry';
import { classedPercentile } from './percentile.ts';

const HOUR_MS = 3_600_000;

/** What is told of one source of traffic; whatever has no data is null, never a number that looks good. */
export function figuresOf(counts: SliCounts): SloFigures {
  const { opened, failed, excused, lost, resumed, gapMs, closed, connectionMs, servedMs, unservedMs } = counts;
  const connectionHours = connectionMs / HOUR_MS;
  return {
    availability: {
      opened,
      failed,
      excused,
      connectionSuccess: ratio(opened, opened + failed),
      servedMs,
      unservedMs,
      sessionAvailability: ratio(servedMs, servedMs + unservedMs),
      setupP50: classedPercentile(counts.setup, 0.5),
      setupP99: classedPercentile(counts.setup, 0.99),
    },
    reliability: {
      closed,
      lost,
      lostPer1000: ratio(lost * 1_000, opened),
      connectionHours,
      hoursBetweenLosses: ratio(connectionHours, lost),
      resumed,
      meanGapMs: ratio(gapMs, resumed),
    },
  };
}

function ratio(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}
