import type { ClusterEvent, EventGap } from '@culvert/contracts';

/** Rows that a page has at most, and events that are held back at most while it is paused. */
export const MAX_ROWS = 1_000;

export type EventRow =
  | { readonly kind: 'event'; readonly id: string; readonly event: ClusterEvent }
  /** Between the rows above and below events may be missing. `id`: of the place. */
  | { readonly kind: 'gap'; readonly id: string };

/** The part of the history that a page shows, the newest first. */
export interface EventWindow {
  readonly rows: readonly EventRow[];
  /** What came while the page was paused, the newest first. */
  readonly held: readonly EventRow[];
}

export const NO_EVENTS: EventWindow = { rows: [], held: [] };

/** Ids are two numbers: above 0 if `a` is the later one. */
export function compareIds(a: string, b: string): number {
  const [aMs = 0, aNumber = 0] = a.split('-').map(Number);
  const [bMs = 0, bNumber = 0] = b.split('-').map(Number);
  return aMs - bMs || aNumber - bNumber;
}

/** Just after this event: `before` this finds the event itself, too. */
export function justAfter(id: string): string {
  const [ms = '0', number = '0'] = id.split('-');
  return `${ms}-${Number(number) + 1}`;
}

/** A page from the API; its place is found by the ids, and what is there already stays as it is. */
export function withPage(window: EventWindow, events: readonly ClusterEvent[]): EventWindow {
  return { ...window, rows: merged(window.rows, events.map(toRow)) };
}

/** One that has just happened: shown on top, or held while the page is paused. Beyond MAX_ROWS the oldest rows go. */
export function withEvent(window: EventWindow, event: ClusterEvent, paused: boolean): EventWindow {
  return withRow(window, toRow(event), paused);
}

/** Something may be missing after `gap.after`. */
export function withGap(window: EventWindow, gap: EventGap, paused: boolean): EventWindow {
  return withRow(window, { kind: 'gap', id: `${justAfter(gap.after)}` }, paused);
}

/** What was held comes on top. */
export function released({ rows, held }: EventWindow): EventWindow {
  return { rows: bounded(merged(rows, held)), held: [] };
}

/** Id of the oldest row, before which older events are; undefined: there is none. */
export function oldestOf({ rows }: EventWindow): string | undefined {
  return rows.at(-1)?.id;
}

export function newestOf({ rows }: EventWindow): string | undefined {
  return rows[0]?.id;
}

function withRow(window: EventWindow, row: EventRow, paused: boolean): EventWindow {
  if (!paused) return { ...window, rows: bounded(merged(window.rows, [row])) };
  return { ...window, held: heldBounded(merged(window.held, [row])) };
}

function toRow(event: ClusterEvent): EventRow {
  return { kind: 'event', id: event.id, event };
}

function merged(rows: readonly EventRow[], more: readonly EventRow[]): readonly EventRow[] {
  const known = new Set(rows.map(keyOf));
  const fresh = more.filter((row) => !known.has(keyOf(row)));
  if (fresh.length === 0) return rows;
  const newest = rows[0];
  if (fresh.length === 1 && fresh[0] && (newest === undefined || compareIds(fresh[0].id, newest.id) > 0)) {
    return [fresh[0], ...rows]; // what happens now: the usual case
  }
  return [...rows, ...fresh].sort((a, b) => compareIds(b.id, a.id));
}

export function keyOf({ kind, id }: EventRow): string {
  return `${kind} ${id}`;
}

function bounded(rows: readonly EventRow[]): readonly EventRow[] {
  return rows.length > MAX_ROWS ? rows.slice(0, MAX_ROWS) : rows;
}

/** What no longer fits is told as a gap, at the older end. */
function heldBounded(rows: readonly EventRow[]): readonly EventRow[] {
  if (rows.length <= MAX_ROWS) return rows;
  const kept = rows.slice(0, MAX_ROWS - 1);
  return [...kept, { kind: 'gap', id: rows[MAX_ROWS - 1]?.id ?? '' }];
}
