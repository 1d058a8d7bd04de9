import { formatDuration } from '../duration.ts';
import type { Contents } from '../metrics.ts';

/** A value of a metric, for people. */
export function formatValue(value: number, contents: Contents): string {
  if (contents === 'time') return formatDuration(value);
  if (contents === 'data') return formatBytes(value);
  return Number.isInteger(value) ? String(value) : String(Number(value.toFixed(Math.abs(value) < 10 ? 3 : 2)));
}

/** Decimal units, as k6 has them. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1_000 && unit < units.length - 1; unit += 1) value /= 1_000;
  return `${Number(value.toFixed(unit === 0 ? 0 : 1))} ${units[unit]}`;
}

/** A share; never rounded up to 100 % or down to 0 %. */
export function formatShare(share: number): string {
  const percent = share * 100;
  const rounded = Math.floor(percent * 100) / 100;
  return `${rounded === 0 && share > 0 ? '<0.01' : rounded.toFixed(2)}%`;
}
