import type { Unit } from './units.ts';

/** Lines that an axis has at most, beside that at its foot. */
const LINES = 4;

/** Room above the highest value, so that its line is not cut: a share of it. */
const HEADROOM = 1.05;

/** Where the lines of a y axis are: from 0 up to a round number above `greatest`. */
export function levels(greatest: number, unit: Unit): readonly number[] {
  return between(0, greatest * HEADROOM, unit);
}

/** Where the lines of a y axis are that begins and ends where it was told to. */
export function levelsWithin([low, high]: readonly [number, number], unit: Unit): readonly number[] {
  const inside = between(low, high, unit).filter((level) => level > low && level < high);
  return [low, ...inside, high];
}

function between(low: number, high: number, unit: Unit): readonly number[] {
  const step = unit.step((high - low) / LINES);
  const first = Math.floor(low / step);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, index) => rounded((first + index) * step));
}

/** 0.30000000000000004 → 0.3. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

const HOURS_AND_MINUTES = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const TO_THE_SECOND = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY_AND_MONTH = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const DAY_MS = 86_400_000;

/** What stands under the lines of the time axis; `stepMs`: how far they are apart. */
export function timeLabel(at: number, stepMs: number): string {
  if (stepMs >= DAY_MS) return DAY_AND_MONTH.format(at);
  return (stepMs >= 60_000 ? HOURS_AND_MINUTES : TO_THE_SECOND).format(at);
}
