import type { Me } from '@culvert/contracts';
import { useQuery } from '@tanstack/preact-query';
import { answerOf, api, onSignedOut, useCsrfToken } from './client.ts';
import { ApiProblem } from './problem.ts';
import { queryClient } from './query-client.ts';

const KEY = ['me'] as const;

onSignedOut(() => queryClient.setQueryData(KEY, null));

async function loadMe(): Promise<Me | null> {
  try {
    return adopt(await answerOf(api.GET('/v1/me')));
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) return null;
    throw error;
  }
}

function adopt(me: Me): Me {
  useCsrfToken(me.session?.csrf ?? '');
  return me;
}

/** undefined: not known yet, or `error` says why not; null: nobody is signed in. */
export function useMe(): { me: Me | null | undefined; error: Error | null; retry: () => void } {
  const { data, error, refetch } = useQuery({ queryKey: KEY, queryFn: loadMe, staleTime: Number.POSITIVE_INFINITY });
  return { me: data, error, retry: () => void refetch() };
}

/** Rejects with ApiProblem. */
export async function signIn(key: string): Promise<void> {
  const me = adopt(await answerOf(api.POST('/v1/sign-in', { body: { key } })));
  queryClient.clear();
  queryClient.setQueryData(KEY, me);
}

export async function signOut(): Promise<void> {
  try {
    await answerOf(api.POST('/v1/sign-out'));
  } finally {
    queryClient.clear();
    queryClient.setQueryData(KEY, null);
  }
}

export interface May {
  /** Cordon, drain, deploy, close: what changes something. */
  readonly operate: boolean;
  /** Tenants and keys. */
  readonly administer: boolean;
}

/** What the person may do: a button that would be refused is not shown. */
export function useMay(): May {
  const role = useMe().me?.role;
  return { operate: role === 'operator' || role === 'admin', administer: role === 'admin' };
}
