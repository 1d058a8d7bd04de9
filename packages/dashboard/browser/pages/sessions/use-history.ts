import type { ClusterEventList } from '@culvert/contracts';
import { useQuery } from '@tanstack/preact-query';
import { useMemo, useState } from 'preact/hooks';
import { answerOf, api } from '../../api/client.ts';
import { useClusterEvents, useEventGaps } from '../../api/live.ts';
import { isOfSession, merged, type SessionEvent } from './history.ts';

const LIMIT = '100';

export interface SessionHistory {
  /** The newest first; undefined: not known yet. */
  readonly events: readonly SessionEvent[] | undefined;
  readonly error: Error | null;
  readonly retry: () => void;
}

async function readHistory(session: string): Promise<readonly SessionEvent[]> {
  const query = { session, types: 'session.*', format: 'json', order: 'desc', limit: LIMIT } as const;
  // The path answers with a stream, too; with format=json it is a page.
  const page = (await answerOf(api.GET('/v1/events', { params: { query } }))) as ClusterEventList;
  return page.items.filter((event) => isOfSession(event, session));
}

/** What befell a session, as the history has it, and as it happens. */
export function useHistory(session: string): SessionHistory {
  const { data, error, refetch } = useQuery({
    queryKey: ['events', 'session', session],
    queryFn: () => readHistory(session),
  });
  const [heard, setHeard] = useState<readonly SessionEvent[]>([]);
  useClusterEvents((event) => {
    if (isOfSession(event, session)) setHeard((before) => merged(before, [event]));
  });
  const retry = (): void => void refetch();
  useEventGaps(retry);
  const events = useMemo(() => data && merged(data, heard), [data, heard]);
  return { events, error, retry };
}
