import type { Me } from '@culvert/contracts';
import { useQuery } from '@tanstack/preact-query';
import { answerOf, api, onRenewed, onSignedOut, useCsrfToken } from './client.ts';
import { ApiProblem } from './problem.ts';
import { queryClient } from './query-client.ts';
import type { SignInTime } from './sign-in-time.ts';
import { onTabNews, tellTabs } from './tabs.ts';
import { Told, useTold } from './told.ts';

const KEY = ['me'] as const;

/** Why nobody is signed in: `ended`, by itself; `out`: somebody signed out; undefined: nobody was. */
export type WhyOut = 'ended' | 'out' | undefined;

const whyOut = new Told<WhyOut>(undefined);
/** undefined: not by a cookie. */
const signInTime = new Told<SignInTime | undefined>(undefined);

onSignedOut(() => leave('ended'));
onRenewed((until) => {
  if (until === signInTime.value?.until) return;
  renew(until);
  tellTabs({ kind: 'until', until });
});
onTabNews((news) => {
  if (news.kind === 'until') renew(news.until);
  if (news.kind === 'signed-out') leave('out');
  // As whom is for the API to say; what the page holds may be more than that person may see.
  if (news.kind === 'signed-in') signedInElsewhere();
});

function signedInElsewhere(): void {
  whyOut.set(undefined);
  forgetOthers();
  askAgain();
}

function renew(until: number): void {
  const { value } = signInTime;
  if (value !== undefined) signInTime.set({ ...value, toldAt: Date.now(), until });
}

/** Nobody is signed in from now on. Of a page that nobody had signed in to there is nothing to say. */
function leave(why: WhyOut): void {
  if (queryClient.getQueryData(KEY)) whyOut.set(why);
  signInTime.set(undefined);
  useCsrfToken('');
  queryClient.setQueryData(KEY, null);
  forgetOthers();
}

/** What one person was shown is not for the next. Who one is stays: what the page watches must not go. */
function forgetOthers(): void {
  queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== KEY[0] });
}

async function loadMe(): Promise<Me | null> {
  try {
    return adopt(await answerOf(api.GET('/v1/me')));
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) return null;
    throw error;
  }
}

function adopt(me: Me): Me {
  const { session } = me;
  useCsrfToken(session?.csrf ?? '');
  if (session !== null) {
    const [until, endsAt] = [Date.parse(session.expiresAt), Date.parse(session.endsAt)];
    signInTime.set({ toldAt: Date.now(), until, endsAt });
  }
  return me;
}

/** undefined: not known yet, or `error` says why not; null: nobody is signed in. */
export function useMe(): { me: Me | null | undefined; error: Error | null; retry: () => void } {
  const { data, error, refetch } = useQuery({
    queryKey: KEY,
    queryFn: loadMe,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return { me: data, error, retry: () => void refetch() };
}

/** Asks the API anew who one is, which puts the end off, too, or finds that it has come. */
export function askAgain(): void {
  void queryClient.refetchQueries({ queryKey: KEY });
}

/** For the page where one signs in. */
export function useWhyOut(): WhyOut {
  return useTold(whyOut);
}

/** How long the sign-in lasts; undefined: it was asked with a key. */
export function useSignInTime(): SignInTime | undefined {
  return useTold(signInTime);
}

/** Rejects with ApiProblem. */
export async function signIn(key: string): Promise<void> {
  const me = adopt(await answerOf(api.POST('/v1/sign-in', { body: { key } })));
  whyOut.set(undefined);
  forgetOthers();
  queryClient.setQueryData(KEY, me);
  tellTabs({ kind: 'signed-in' });
}

/** Rejects with ApiProblem: then one is signed in still, because only the API can end that. */
export async function signOut(): Promise<void> {
  await answerOf(api.POST('/v1/sign-out')).catch((error: unknown) => {
    if (!(error instanceof ApiProblem && error.status === 401)) throw error; // it had ended before
  });
  tellTabs({ kind: 'signed-out' });
  leave('out');
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
