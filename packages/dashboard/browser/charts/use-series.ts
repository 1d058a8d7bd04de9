import type { LiveCluster, Series } from '@culvert/contracts';
import { useQuery } from '@tanstack/preact-query';
import { useEffect } from 'preact/hooks';
import { answerOf, api } from '../api/client.ts';
import { useLiveCluster } from '../api/live.ts';
import { queryClient } from '../api/query-client.ts';
import { extendSeries, hasFallenBehind, sampleOf } from './extend-series.ts';

const keyOf = (window: Series['window'], node: string | null) => ['series', window, node] as const;

/** A series of the cluster, or of one node, that goes on as the page is told live. */
export function useSeries(window: Series['window'], node: string | null = null) {
  const queryKey = keyOf(window, node);
  const { data, error, refetch } = useQuery({
    queryKey,
    queryFn: () =>
      answerOf(api.GET('/v1/series', { params: { query: node === null ? { window } : { window, node } } })),
    staleTime: Number.POSITIVE_INFINITY, // the live looks keep it fresh
    // Another window of the same: what was drawn stays until it is there.
    placeholderData: (before: Series | undefined) => (before?.node === node ? before : undefined),
  });
  const cluster = useLiveCluster();
  useEffect(() => {
    if (cluster !== undefined) goOn(window, node, cluster);
  }, [cluster, window, node]);
  const available = cluster?.registry.available === true;
  useEffect(() => {
    if (available) askAgain(window, node);
  }, [available, window, node]);
  return { series: data, error, retry: () => void refetch() };
}

function goOn(window: Series['window'], node: string | null, cluster: LiveCluster): void {
  const queryKey = keyOf(window, node);
  const state = queryClient.getQueryState<Series>(queryKey);
  const series = state?.data;
  const at = Date.parse(cluster.at);
  const sample = sampleOf(cluster, node);
  if (series === undefined || sample === undefined) return;
  if (hasFallenBehind(series, at) && state?.fetchStatus === 'idle') void queryClient.invalidateQueries({ queryKey });
  queryClient.setQueryData<Series>(queryKey, extendSeries(series, at, sample));
}

/** It could not be told while the registry was away; now it can. */
function askAgain(window: Series['window'], node: string | null): void {
  const queryKey = keyOf(window, node);
  if (queryClient.getQueryState(queryKey)?.status === 'error') void queryClient.invalidateQueries({ queryKey });
}
