import { colors } from './colors.ts';

/** Where a command writes its answer; tests pass their own. */
export interface Output {
  write(text: string): unknown;
}

export interface Column<T> {
  readonly title: string;
  readonly value: (row: T) => string;
  /** Numbers line up at their right end. */
  readonly right?: boolean;
  /** Colours the padded text. */
  readonly paint?: (text: string) => string;
}

/** Aligned columns under their titles; `empty` instead when there is no row. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[], empty: string): string {
  if (rows.length === 0) return `${empty}\n`;
  const padded = columns.map(({ title, value, right, paint }) => {
    const texts = rows.map(value);
    const width = Math.max(title.length, ...texts.map(({ length }) => length));
    const pad = (text: string): string => (right ? text.padStart(width) : text.padEnd(width));
    return { title: colors.dim(pad(title)), cells: texts.map((text) => (paint ? paint(pad(text)) : pad(text))) };
  });
  const lines = [
    padded.map(({ title }) => title),
    ...rows.map((_row, at) => padded.map(({ cells }) => cells[at] ?? '')),
  ];
  return `${lines.map((line) => line.join('  ').trimEnd()).join('\n')}\n`;
}

/** Names and values of one thing, one a line. */
export function fields(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${colors.dim(name.padEnd(width))}  ${value}\n`).join('');
}

/** What `--json` prints: the API's answer, on one line, so that lines stay what programs read. */
export function json(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** `0 B`, `1.5 KiB`, `12 MiB`. */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit] ?? ''}`;
}

/** `now`, `12 s ago`, `5 min ago`, `3 h ago`, `2 d ago`; `-` for no time. `when`: ms since 1970 or ISO 8601. */
export function ago(when: number | string | null | undefined, now = Date.now()): string {
  if (when === null || when === undefined) return '-';
  const seconds = Math.round((now - new Date(when).getTime()) / 1000);
  if (!Number.isFinite(seconds)) return '-';
  if (seconds < 1) return seconds < -1 ? `in ${span(-seconds)}` : 'now';
  return `${span(seconds)} ago`;
}

function span(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** `-` for what is absent. */
export function orDash(value: string | number | null | undefined): string {
  return value === null || value === undefined || value === '' ? '-' : String(value);
}

const STATE_COLORS: Readonly<Record<string, (text: string) => string>> = {
  ready: colors.green,
  idle: colors.green,
  busy: colors.cyan,
  cordoned: colors.yellow,
  draining: colors.yellow,
  empty: colors.green,
  suspect: colors.red,
  dead: colors.red,
  offline: colors.red,
};

/** A state in its colour, padded first so that colours do not move columns. */
export function paintState(state: string): string {
  return STATE_COLORS[state.trim()]?.(state) ?? state;
}
