import type { SessionList } from '@culvert/contracts';
import { useQuery } from '@tanstack/preact-query';
import { useEffect, useRef, useState } from 'preact/hooks';
import { answerOf, api } from '../../api/client.ts';
import { useRefetchOn } from '../../api/live.ts';
import { chosen, isImpossible, type SessionFilter } from './session-filter.ts';
import { freshPage, loadPage, PAGE_ROWS, type ShownPage, updatedPage } from './session-pages.ts';

/** Nobody tells of connections and bytes: the page that is looked at is asked for again this often, ms. */
const REFRESH_MS = 5_000;
const NOTHING: SessionList = { items: [], next: null };

export interface Sessions {
  readonly shown: ShownPage | undefined;
  /** Of the page after this one; null: there is none. */
  readonly next: string | null;
  readonly error: unknown;
  /** What is shown is of the filter before. */
  readonly stale: boolean;
  /** Shows the list as it is now. */
  readonly refresh: () => void;
}

async function readSessions(filter: SessionFilter, cursor: string): Promise<SessionList> {
  if (isImpossible(filter)) return NOTHING;
  const read = (at: string): Promise<SessionList> => {
    const query = { ...chosen(filter), limit: String(PAGE_ROWS), ...(at === '' ? {} : { cursor: at }) };
    // `chosen` gives the state as a text; `filterOf` has seen that it is one of them.
    return answerOf(api.GET('/v1/sessions', { params: { query: query as typeof query & { state?: 'idle' } } }));
  };
  return loadPage(read, cursor);
}

/** One page of the sessions that are looked for, kept up to date in place. */
export function useSessions(filter: SessionFilter, cursor: string): Sessions {
  const queryKey = ['sessions', filter, cursor] as const;
  const query = useQuery({
    queryKey,
    queryFn: () => readSessions(filter, cursor),
    refetchInterval: REFRESH_MS,
    placeholderData: (before: SessionList | undefined) => before,
  });
  useRefetchOn(['session.'], queryKey);
  const { data, error, isPlaceholderData: stale } = query;
  const asked = JSON.stringify(queryKey);
  const [shown, setShown] = useState<{ readonly page: ShownPage; readonly asked: string } | undefined>(undefined);
  const anew = useRef(false);
  useEffect(() => {
    if (data === undefined || stale) return;
    setShown((before) => {
      const isSame = before !== undefined && before.asked === asked && !anew.current;
      return { page: isSame ? updatedPage(before.page, data) : freshPage(data.items), asked };
    });
    anew.current = false;
  }, [data, stale, asked]);
  const refresh = (): void => {
    if (data !== undefined) setShown({ page: freshPage(data.items), asked });
    anew.current = true;
    void query.refetch();
  };
  return { shown: shown?.page, next: data?.next ?? null, error, stale, refresh };
}
