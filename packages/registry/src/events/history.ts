import type { ScriptRunner } from '../redis/script-runner.ts';
import { BEGINNING, compareIds, type EventEntry, toEntry } from './entry.ts';

/** Ids of the first and the last entry that are kept; null: there is none. */
export interface EventEdges {
  readonly oldest: string | null;
  readonly newest: string | null;
}

/** Entries, and between which edges they were at that very moment. */
export interface HistoryPart extends EventEdges {
  readonly entries: readonly EventEntry[];
}

export interface HistoryRequest {
  /** Only what came after this entry; undefined: from the first one … */
  readonly after?: string | undefined;
  /** … and before this one. */
  readonly before?: string | undefined;
  readonly newestFirst?: boolean;
  readonly count: number;
}

/** Reads the stream `key` in one atomic step. */
export async function readHistory(scripts: ScriptRunner, key: string, request: HistoryRequest): Promise<HistoryPart> {
  const { after, before, newestFirst = false, count } = request;
  const reply = await scripts.run('read_events', [key], {
    first: after === undefined ? '-' : `(${after}`,
    last: before === undefined ? '+' : `(${before}`,
    newestFirst,
    count,
  });
  return {
    oldest: reply.textOr('oldest', null),
    newest: reply.textOr('newest', null),
    entries: reply.list('entries').map((entry) => toEntry(entry.text('id'), entry.fields('fields').strings())),
  };
}

/** What a reader that has read everything up to `after` can't read any more. */
export type Loss =
  | 'none'
  /** Some of what came after it may have been trimmed, or lost with Redis's data. */
  | 'some'
  /** The ids are lower than that now: Redis lost data, and what is there may have been read or not. */
  | 'rewound';

export function lossAfter(after: string, { oldest, newest }: EventEdges): Loss {
  if (after === BEGINNING) return 'none';
  if (oldest === null || newest === null || compareIds(newest, after) < 0) return 'rewound';
  return compareIds(oldest, after) > 0 ? 'some' : 'none';
}
