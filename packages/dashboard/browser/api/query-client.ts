import { QueryClient } from '@tanstack/preact-query';
import { ApiProblem } from './problem.ts';

const RETRIES = 2;
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 5_000;

/** What the API refused it will refuse again; what it could not answer may succeed. */
function isWorthRetrying(failures: number, error: Error): boolean {
  const refused = error instanceof ApiProblem && error.status >= 400 && error.status < 500;
  return !refused && failures < RETRIES;
}

function retryDelay(attempt: number): number {
  return Math.random() * Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** attempt);
}

/** What was asked for stands until an event or a person says that it has changed: `staleTime` is for what nothing tells of. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: isWorthRetrying,
      retryDelay,
      staleTime: 2_000,
      refetchOnWindowFocus: true,
      networkMode: 'always',
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});
