import type { ClusterEventList } from '@culvert/contracts';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { answerOf, api } from '../../api/client.ts';
import { useClusterEvents, useEventGaps } from '../../api/live.ts';
import { chosen, type EventFilter, isWanted } from './event-filter.ts';
import {
  type EventWindow,
  justAfter,
  MAX_ROWS,
  NO_EVENTS,
  newestOf,
  oldestOf,
  released,
  withEvent,
  withGap,
  withPage,
} from './event-window.ts';

const PAGE = '100';
const NEIGHBOURS = '25';

interface Place {
  readonly after?: string;
  readonly before?: string;
  readonly order: 'asc' | 'desc';
  readonly limit: string;
}

export function readEvents(filter: EventFilter, place: Place): Promise<ClusterEventList> {
  const query = { ...chosen(filter), ...place, format: 'json' as const };
  // The path answers with a stream, too; with format=json it is this.
  return answerOf(api.GET('/v1/events', { params: { query } })) as Promise<ClusterEventList>;
}

export interface Events {
  readonly window: EventWindow;
  readonly loading: boolean;
  readonly error: unknown;
  readonly paused: boolean;
  readonly pause: (paused: boolean) => void;
  /** undefined: there are none, or the page is full. */
  readonly older: (() => void) | undefined;
  readonly newer: (() => void) | undefined;
  readonly again: () => void;
}

/**
 * The history as the page shows it: the newest and what happens now, or (`at`) an event of the past with its neighbours, in
 * which case nothing new is put on top: what lies between is not there.
 */
export function useEvents(filter: EventFilter, at: string | undefined): Events {
  const [window, setWindow] = useState<EventWindow>(NO_EVENTS);
  const [loading, setLoading] = useState(true);
  const [error, setError] = useState<unknown>(undefined);
  const [paused, setPaused] = useState(false);
  const [ends, setEnds] = useState({ older: false, newer: false });
  /** What an earlier filter asked for comes too late. */
  const round = useRef(0);

  const load = useCallback(
    async (places: readonly Place[]): Promise<void> => {
      const mine = round.current;
      setLoading(true);
      try {
        const pages = await Promise.all(
          places.map(async (place) => ({ place, page: await readEvents(filter, place) })),
        );
        if (mine !== round.current) return;
        for (const { place, page } of pages) {
          setWindow((now) => withPage(now, page.items));
          setEnds((now) => ({ ...now, [place.order === 'desc' ? 'older' : 'newer']: page.next !== null }));
        }
        setError(undefined);
      } catch (thrown) {
        if (mine === round.current) setError(thrown);
      } finally {
        if (mine === round.current) setLoading(false);
      }
    },
    [filter],
  );

  const begin = useCallback((): void => {
    round.current += 1;
    setWindow(NO_EVENTS);
    setEnds({ older: false, newer: false });
    const newest = { order: 'desc', limit: PAGE } as const;
    const around = [
      { order: 'desc', before: justAfter(at ?? ''), limit: NEIGHBOURS },
      { order: 'asc', after: at ?? '', limit: NEIGHBOURS },
    ] as const;
    void load(at === undefined ? [newest] : around); // tells its failure itself
  }, [load, at]);
  useEffect(begin, [begin]);

  useClusterEvents((event) => {
    if (at === undefined && isWanted(event, filter)) setWindow((now) => withEvent(now, event, paused));
  });
  useEventGaps((gap) => {
    if (at === undefined) setWindow((now) => withGap(now, gap, paused));
  });

  const [oldest, newest] = [oldestOf(window), newestOf(window)];
  const isFull = window.rows.length >= MAX_ROWS;
  return {
    ...{ window, loading, error, paused, again: begin },
    pause: (wanted) => {
      setPaused(wanted);
      if (!wanted) setWindow(released);
    },
    older:
      ends.older && oldest !== undefined && !isFull
        ? () => void load([{ order: 'desc', before: oldest, limit: PAGE }])
        : undefined,
    newer:
      ends.newer && newest !== undefined && !isFull
        ? () => void load([{ order: 'asc', after: newest, limit: PAGE }])
        : undefined,
  };
}
