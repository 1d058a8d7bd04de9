import type {
  Deployment,
  DeploymentBody,
  DeploymentCommandBody,
  DeploymentVerb,
  DeploymentWhy,
  MaintenanceWindow,
  Receipt,
  Schedule,
} from '@culvert/contracts';
import { useInfiniteQuery, useQuery } from '@tanstack/preact-query';
import { answerOf, api } from '../../api/client.ts';
import { useRefetchOn } from '../../api/live.ts';
import { queryClient } from '../../api/query-client.ts';
import { isOver } from './words.ts';

const LIST = ['deployments', 'list'] as const;
const SCHEDULES = ['schedules'] as const;
const WINDOWS = ['windows'] as const;
const EVENTS = ['deployment.'] as const;
const PAGE = '20';
/** What a running step has left to do changes without an event, ms. */
const LOOK_EVERY_MS = 2_000;
/** Windows open and close, and schedules begin, without an event of theirs, ms. */
const TIMES_EVERY_MS = 15_000;

/** The newest first, page by page, in brief. */
export function useDeployments() {
  useRefetchOn(EVENTS, LIST);
  return useInfiniteQuery({
    queryKey: LIST,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: PAGE, brief: 'true' as const };
      const page = pageParam === null ? query : { ...query, cursor: pageParam };
      return answerOf(api.GET('/v1/deployments', { params: { query: page }, signal }));
    },
    getNextPageParam: ({ next }) => next,
  });
}

const oneKey = (id: string) => ['deployments', 'one', id] as const;
const whyKey = (id: string) => ['deployments', 'why', id] as const;

export function useDeployment(id: string) {
  useRefetchOn(EVENTS, oneKey(id));
  return useQuery({
    queryKey: oneKey(id),
    queryFn: ({ signal }): Promise<Deployment> =>
      answerOf(api.GET('/v1/deployments/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state: { data } }) => (data === undefined || isOver(data) ? false : LOOK_EVERY_MS),
  });
}

/** Why it waits; not asked for once it is over. */
export function useWhy(id: string, isUnderWay: boolean) {
  useRefetchOn(EVENTS, whyKey(id));
  return useQuery({
    queryKey: whyKey(id),
    enabled: isUnderWay,
    queryFn: ({ signal }): Promise<DeploymentWhy> =>
      answerOf(api.GET('/v1/deployments/{id}/why', { params: { path: { id } }, signal })),
    refetchInterval: isUnderWay ? LOOK_EVERY_MS : false,
  });
}

export function useReceipt(id: string) {
  return useQuery({
    queryKey: ['deployments', 'receipt', id],
    queryFn: ({ signal }): Promise<Receipt> =>
      answerOf(api.GET('/v1/deployments/{id}/receipt', { params: { path: { id } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Rejects with ApiProblem. `key`: the same one for what is to be done once, however often it is asked for. */
export function startDeployment(body: DeploymentBody, key: string): Promise<Deployment> {
  return answerOf(api.POST('/v1/deployments', { body, headers: { 'idempotency-key': key } }));
}

export async function command(id: string, verb: DeploymentVerb, body: DeploymentCommandBody | null): Promise<void> {
  queryClient.setQueryData(
    oneKey(id),
    await answerOf(api.POST(`/v1/deployments/{id}/${verb}`, { params: { path: { id } }, body })),
  );
  await queryClient.invalidateQueries({ queryKey: whyKey(id) });
}

export function useSchedules() {
  return useQuery({
    queryKey: SCHEDULES,
    queryFn: async ({ signal }): Promise<Schedule[]> => (await answerOf(api.GET('/v1/schedules', { signal }))).items,
    // When it is next a deploy worker says, a moment after it was changed.
    refetchInterval: ({ state: { data } }) =>
      data?.some(({ nextAt }) => nextAt === null) ? LOOK_EVERY_MS : TIMES_EVERY_MS,
  });
}

export function useWindows() {
  return useQuery({
    queryKey: WINDOWS,
    queryFn: async ({ signal }): Promise<MaintenanceWindow[]> =>
      (await answerOf(api.GET('/v1/windows', { signal }))).items,
    refetchInterval: TIMES_EVERY_MS,
  });
}

export const refreshSchedules = (): Promise<void> => queryClient.invalidateQueries({ queryKey: SCHEDULES });
export const refreshWindows = (): Promise<void> => queryClient.invalidateQueries({ queryKey: WINDOWS });

/** For Idempotency-Key. crypto.randomUUID is there over HTTPS only. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
