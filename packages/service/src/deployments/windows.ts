import { type CronTime, lastTime, nextTime } from './cron.ts';

/** A maintenance window as it is kept. */
export interface StoredWindow extends CronTime {
  /** How long it is open, ms. */
  readonly forMs: number;
  /** null: every pool's. */
  readonly pool: string | null;
}

/** Times in ms since the Unix epoch. */
export interface WindowState {
  readonly open: boolean;
  /** When it opens next; null: never, or it is open. */
  readonly opensAtMs: number | null;
  /** null: it is closed. */
  readonly closesAtMs: number | null;
}

export function windowAt(window: StoredWindow, nowMs: number): WindowState {
  const closesAtMs = lastTime(window, nowMs) + window.forMs;
  if (nowMs < closesAtMs) return { open: true, opensAtMs: null, closesAtMs };
  return { open: false, opensAtMs: nextTime(window, nowMs), closesAtMs: null };
}

/** All windows of a pool as one: open while one of them is, until the last of the open ones closes. No window is never open. */
export function windowsAt(windows: Iterable<StoredWindow>, pool: string, nowMs: number): WindowState {
  const states = [...windows]
    .filter((one) => one.pool === null || one.pool === pool)
    .map((one) => windowAt(one, nowMs));
  const closing = states.flatMap(({ closesAtMs }) => (closesAtMs === null ? [] : [closesAtMs]));
  if (closing.length > 0) return { open: true, opensAtMs: null, closesAtMs: Math.max(...closing) };
  const opening = states.flatMap(({ opensAtMs }) => (opensAtMs === null ? [] : [opensAtMs]));
  return { open: false, opensAtMs: opening.length > 0 ? Math.min(...opening) : null, closesAtMs: null };
}
