import type { Session, SessionList } from '@culvert/contracts';

/** Of one page, and what the page's table holds at most. */
export const PAGE_ROWS = 100;
/** A look that finds nothing goes on from where it ended, so many times; each has looked at thousands. */
const MAX_LOOKS = 10;

/** Reads one page of the API. */
export type ReadPage = (cursor: string) => Promise<SessionList>;

/** The page after `cursor` ('': the first). The API may find nothing in what it looked at, and say that there is more. */
export async function loadPage(read: ReadPage, cursor: string): Promise<SessionList> {
  let page = await read(cursor);
  for (let looks = 1; looks < MAX_LOOKS && page.items.length === 0 && page.next !== null; looks += 1) {
    page = await read(page.next);
  }
  return page;
}

/** A session as the table shows it. */
export interface SessionRow {
  readonly session: Session;
  /** It was here when the table was filled, and is found no more: closed, or no longer what is looked for. */
  readonly left: boolean;
}

export interface ShownPage {
  readonly rows: readonly SessionRow[];
  /** Rows that would come or go. */
  readonly changes: number;
}

export function freshPage(items: readonly Session[]): ShownPage {
  return { rows: items.map((session) => ({ session, left: false })), changes: 0 };
}

/**
 * What is shown, with what the API has now. Rows stay where they are under the pointer: figures change in place, what is gone
 * stays until the person asks for the list anew, and what is new is only counted.
 *
 * Where more pages follow, sessions move over the page's end as others come and go before it: a row that is missing behind
 * the last one that both have is not gone, and one that is new there is not new.
 */
export function updatedPage(shown: ShownPage, { items, next }: SessionList): ShownPage {
  if (shown.rows.length === 0) return freshPage(items); // nothing there that could jump
  const now = new Map(items.map((session) => [session.id, session]));
  const known = new Set(shown.rows.map(({ session }) => session.id));
  const lastShown = shown.rows.findLastIndex(({ session }) => now.has(session.id));
  const lastItem = items.findLastIndex(({ id }) => known.has(id));
  const isOpenEnded = next !== null && lastShown !== -1;
  const rows = shown.rows.map((row, place): SessionRow => {
    const fresh = now.get(row.session.id);
    if (fresh !== undefined) return { session: fresh, left: false };
    return { session: row.session, left: row.left || !isOpenEnded || place < lastShown };
  });
  const isNew = (id: string, place: number): boolean => !known.has(id) && (!isOpenEnded || place < lastItem);
  const fresh = items.filter(({ id }, place) => isNew(id, place)).length;
  return { rows, changes: fresh + rows.filter(({ left }) => left).length };
}
