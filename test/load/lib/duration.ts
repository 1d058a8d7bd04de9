import { CulvertError } from '@culvert/base';

/** As k6 writes them: `1m30s`, `500ms`, `2h`; a number is milliseconds. */
export type Duration = string | number;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds, ≥ 0. Throws `config_invalid`, naming `what`. */
export function parseDuration(value: Duration, what = 'duration'): number {
  if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) return value;
  const text = String(value);
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) {
    throw new CulvertError('config_invalid', `${what}: ${JSON.stringify(value)} is no duration such as 30s or 1m30s`);
  }
  let sum = 0;
  for (const [, amount, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    sum += Number(amount) * (UNIT_MS[unit] ?? 0);
  }
  return sum;
}

/** For people: `850ms`, `12.3s`, `1m05s`, `2h03m`. */
export function formatDuration(ms: number): string {
  if (ms < 1) return `${Number((ms * 1_000).toFixed(0))}µs`;
  if (ms < 1_000) return `${Number(ms.toFixed(ms < 10 ? 2 : 1))}ms`;
  if (ms < 60_000) return `${Number((ms / 1_000).toFixed(2))}s`;
  const seconds = Math.round(ms / 1_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
  return `${Math.floor(seconds / 3_600)}h${two(Math.floor((seconds % 3_600) / 60))}m`;
}
