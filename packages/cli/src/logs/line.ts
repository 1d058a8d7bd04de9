import type { LogRecord } from '@culvert/local';
import { colors } from '../colors.ts';

/** Said by the columns, or of no use to a person. */
const SILENT = new Set([
  'ts',
  'level',
  'msg',
  'event',
  'role',
  'version',
  'node_id',
  'trace_id',
  'span_id',
  'agent_id',
]);
const MAX_VALUE_CHARS = 120;

const PAINT: Readonly<Record<string, (text: string) => string>> = {
  gateway: colors.cyan,
  worker: colors.green,
  agent: colors.magenta,
  api: colors.blue,
  deployer: colors.yellow,
};
const PAINT_LEVEL: Readonly<Record<string, (text: string) => string>> = { warn: colors.yellow, error: colors.red };

/** How wide the columns are. */
export interface Widths {
  readonly who: number;
  readonly event: number;
}

/** Who wrote the line: role and node. */
export function whoOf({ line, source }: LogRecord): string {
  const role = typeof line.role === 'string' ? line.role : '';
  const node = typeof line.node_id === 'string' ? line.node_id : source;
  return role === '' ? node : `${role}/${node}`;
}

/** One line for people: time, since the line before, who, what, and the rest in words. `silent`: fields that are the same on all. */
export function lineForPeople(
  record: LogRecord,
  beforeMs: number | undefined,
  widths: Widths,
  silent: ReadonlySet<string>,
): string {
  const { line, ms } = record;
  const who = printable(whoOf(record)).padEnd(widths.who);
  const event = printable(String(line.event ?? '-')).padEnd(widths.event);
  const role = typeof line.role === 'string' ? line.role : '';
  const level = String(line.level ?? '');
  const paintWho = PAINT[role] ?? colors.reset;
  const paint = PAINT_LEVEL[level] ?? ((text: string) => text);
  const mark = PAINT_LEVEL[level] === undefined ? '' : `${level.toUpperCase()} `;
  const words = paint(printable(`${mark}${line.msg ?? ''}`));
  const rest = fieldsOf(record, silent);
  return (
    `${timeOf(ms)}  ${colors.dim(sinceOf(ms, beforeMs))}  ${paintWho(who)}  ${event}  ${words}` +
    `${rest === '' ? '' : `  ${colors.dim(printable(rest))}`}\n`
  );
}

/** What a field holds must not move a terminal's cursor or colour its text. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '·');
}

/** `09:51:02.123`, UTC as in the log itself. */
export function timeOf(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23);
}

function sinceOf(ms: number, beforeMs: number | undefined): string {
  const since = beforeMs === undefined ? 0 : ms - beforeMs;
  return `+${spanOf(since)}`.padStart(9);
}

/** `0 ms`, `1.234 s`, `12.3 min`. */
export function spanOf(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 600_000) return `${(ms / 1_000).toFixed(ms < 100_000 ? 2 : 0)} s`;
  return `${(ms / 60_000).toFixed(1)} min`;
}

function fieldsOf({ line }: LogRecord, silent: ReadonlySet<string>): string {
  return Object.entries(line)
    .filter(([name, value]) => !SILENT.has(name) && !silent.has(name) && value !== null && value !== undefined)
    .map(([name, value]) => `${name}=${shown(value)}`)
    .join(' ');
}

function shown(value: unknown): string {
  const text =
    typeof value === 'object' && value !== null ? (messageOf(value) ?? JSON.stringify(value)) : String(value);
  return text.length > MAX_VALUE_CHARS ? `${text.slice(0, MAX_VALUE_CHARS)}…` : text;
}

/** Of an error; its stack is for `--json`. */
function messageOf(value: object): string | undefined {
  return 'message' in value && typeof value.message === 'string' ? value.message : undefined;
}
