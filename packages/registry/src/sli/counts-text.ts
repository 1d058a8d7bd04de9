import { CulvertError } from '@culvert/base';
import { noCounts, SETUP_BOUNDS_MS, type SliCounts } from '@culvert/telemetry';

/** In this order, and the classes of set-up times after them: part of the layout that the keys' names number. */
const ORDER = [
  'opened',
  'failed',
  'excused',
  'lost',
  'resumed',
  'gapMs',
  'closed',
  'connectionMs',
  'servedMs',
  'unservedMs',
] as const;

/** Counts as the scripts add them up: whole numbers between commas, zeros at the end left out. */
export function formatCounts(counts: SliCounts): string {
  const numbers = [...ORDER.map((name) => counts[name]), ...counts.setup].map(Math.round);
  const wrong = numbers.find((value) => !(Number.isSafeInteger(value) && value >= 0));
  if (wrong !== undefined) throw new CulvertError('internal', `a count is no whole number from 0 on: ${wrong}`);
  while (numbers.at(-1) === 0) numbers.pop();
  return numbers.join(',');
}

/** @throws CulvertError internal: it was written by another version, or by hand */
export function parseCounts(text: string): SliCounts {
  if (!/^(?:\d{1,16}(?:,\d{1,16})*)?$/.test(text)) {
    throw new CulvertError('internal', 'unexpected data in Redis: service-level counts are not numbers');
  }
  const numbers = text === '' ? [] : text.split(',').map(Number);
  const scalars = Object.fromEntries(ORDER.map((name, i) => [name, numbers[i] ?? 0]));
  const setup = Array.from({ length: SETUP_BOUNDS_MS.length + 1 }, (_, i) => numbers[ORDER.length + i] ?? 0);
  return { ...noCounts(), ...scalars, setup };
}
