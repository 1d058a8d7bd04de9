import type { Series } from '@culvert/contracts';
import { SERIES_NAMES } from './extend-series.ts';

/** A cluster that is younger than this has a picture of this width, ms. */
const SHORTEST_MS = 10 * 60_000;

/**
 * What the time axis shows of a series, ms since 1970: all of it, save the time before anybody looked, or the few values of a
 * young cluster would stand at the edge of an empty picture.
 */
export function shownTimes({ at, values }: Series): readonly [number, number] | undefined {
  const first = at[0];
  const last = at.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const known = at.find((_, index) => SERIES_NAMES.some((name) => typeof values[name]?.[index] === 'number')) ?? last;
  return [Math.max(first, Math.min(known, last - SHORTEST_MS)), last];
}
