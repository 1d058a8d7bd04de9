import type { Annotation, Series } from '@culvert/contracts';
import { useQuery } from '@tanstack/preact-query';
import { useMemo } from 'preact/hooks';
import { answerOf, api } from '../api/client.ts';
import { useRefetchOn } from '../api/live.ts';
import type { ChartAnnotation } from './chart-data.ts';

const NONE: readonly ChartAnnotation[] = [];

/** The deployments of that time; none while they are not known: a chart is of use without them. */
export function useAnnotations(window: Series['window']): readonly ChartAnnotation[] {
  const queryKey = ['annotations', window] as const;
  const { data } = useQuery({
    queryKey,
    queryFn: () => answerOf(api.GET('/v1/annotations', { params: { query: { window } } })),
  });
  useRefetchOn(['deployment.created', 'deployment.state'], queryKey);
  return useMemo(() => data?.items.map(toChart) ?? NONE, [data]);
}

function toChart({ deployment, from, to, text, state }: Annotation): ChartAnnotation {
  return {
    key: deployment,
    from: Date.parse(from),
    to: to === null ? null : Date.parse(to),
    text: `${text}: ${state.replaceAll('_', ' ')}`,
    href: `/deployments/${deployment}`,
  };
}
