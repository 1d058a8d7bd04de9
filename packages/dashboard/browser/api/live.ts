import type { ClusterEvent, EventGap, LiveCluster } from '@culvert/contracts';
import { useEffect, useRef } from 'preact/hooks';
import { EventFeed, type FeedState } from './event-feed.ts';
import { EVENT_TYPES } from './event-types.ts';
import { queryClient } from './query-client.ts';
import { Told, useTold } from './told.ts';
import { whileWatched } from './while-watched.ts';

/** The two streams of a page: the cluster as it is (each second or so), and what happens (each event once). */
const feedState = new Told<FeedState>('connecting');
const lastCluster = new Told<LiveCluster | undefined>(undefined);
const listeners = new Set<(event: ClusterEvent) => void>();
const cluster = new EventFeed('/v1/live', ['cluster'], (_type, data) => lastCluster.set(data as LiveCluster));
const gapListeners = new Set<(gap: EventGap) => void>();
const happenings = new EventFeed('/v1/events', [...EVENT_TYPES, 'gap'], (type, data) => {
  if (type === 'gap') for (const listener of gapListeners) listener(data as EventGap);
  else for (const listener of listeners) listener(data as ClusterEvent);
});
cluster.onState((state) => feedState.set(state));

/** Opens the streams while the shell is there, and somebody sees it. */
export function useLiveFeeds(): void {
  useEffect(() => {
    const feeds = [cluster, happenings];
    const each = (act: (feed: EventFeed) => void) => () => feeds.forEach(act);
    return whileWatched(
      each((feed) => feed.open()),
      each((feed) => feed.close()),
    );
  }, []);
}

/** The cluster as it was told last; undefined: nothing was told yet. */
export function useLiveCluster(): LiveCluster | undefined {
  return useTold(lastCluster);
}

/** Is the page live? `lost`: it shows what was, and tries to come back. */
export function useFeedState(): FeedState {
  return useTold(feedState);
}

/** Calls `listener` with each event of the history while the component is there. */
export function useClusterEvents(listener: (event: ClusterEvent) => void): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    const tell = (event: ClusterEvent): void => latest.current(event);
    listeners.add(tell);
    return () => void listeners.delete(tell);
  }, []);
}

/** Calls `listener` when events may have been missed for good, while the component is there. */
export function useEventGaps(listener: (gap: EventGap) => void): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    const tell = (gap: EventGap): void => latest.current(gap);
    gapListeners.add(tell);
    return () => void gapListeners.delete(tell);
  }, []);
}

const REFETCH_AT_MOST_EVERY_MS = 1_000;

/** Asks again for what is kept under `queryKey` when an event whose type begins with one of `types` has come. */
export function useRefetchOn(types: readonly string[], queryKey: readonly unknown[]): void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useClusterEvents((event) => {
    if (!types.some((type) => event.type.startsWith(type)) || timer.current !== undefined) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      void queryClient.invalidateQueries({ queryKey });
    }, REFETCH_AT_MOST_EVERY_MS);
  });
}
