import type { Connection, LiveSession } from '@culvert/contracts';

/** A session may have thousands; what a person can look at, and a browser draw each second, is fewer. */
export const MAX_ROWS = 200;

export interface ConnectionRow {
  readonly connection: Connection;
  /** Both ways together, bytes a second; null: it was not there a second ago. */
  readonly perSecond: number | null;
}

export interface ConnectionRows {
  readonly rows: readonly ConnectionRow[];
  /** How many more there are. */
  readonly hidden: number;
}

/** The connections with what they carry now, in the order in which they were opened, so that none jumps. */
export function connectionRows(now: LiveSession, before: LiveSession | undefined): ConnectionRows {
  const seconds = before === undefined ? 0 : (Date.parse(now.at) - Date.parse(before.at)) / 1_000;
  const known = new Map(before?.connections.map((connection) => [connection.id, connection]));
  const rows = [...now.connections]
    .sort((a, b) => a.openedAt.localeCompare(b.openedAt) || a.id.localeCompare(b.id))
    .slice(0, MAX_ROWS)
    .map((connection): ConnectionRow => {
      const last = known.get(connection.id);
      const carried = last === undefined ? -1 : bytesOf(connection) - bytesOf(last);
      return { connection, perSecond: seconds > 0 && carried >= 0 ? carried / seconds : null };
    });
  return { rows, hidden: now.connections.length - rows.length };
}

function bytesOf({ bytesIn, bytesOut }: Connection): number {
  return bytesIn + bytesOut;
}
