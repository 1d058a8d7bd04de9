import createClient, { type Middleware } from 'openapi-fetch';
import { asProblem, DEADLINE_MS, problemOf } from './problem.ts';
import type { paths } from './schema.ts';

/** As the API names it (CSRF_HEADER of @culvert/contracts, of which a browser gets the types only). */
const CSRF_HEADER = 'x-culvert-csrf';
/** SIGNED_IN_UNTIL_HEADER of @culvert/contracts. */
const UNTIL_HEADER = 'x-culvert-signed-in-until';

let csrf = '';
let signedOut: () => void = () => undefined;
let renewed: (until: number) => void = () => undefined;

/** From now on requests that change something carry this; of the session that `GET /v1/me` told. */
export function useCsrfToken(token: string): void {
  csrf = token;
}

/** Whom to tell that the API knows the session no more. */
export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

/** Whom to tell until when one is signed in now, ms since 1970: answers say so, which put it off. */
export function onRenewed(listener: (until: number) => void): void {
  renewed = listener;
}

const session: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET') request.headers.set(CSRF_HEADER, csrf);
    return request;
  },
  onResponse({ response, schemaPath }) {
    const until = Date.parse(response.headers.get(UNTIL_HEADER) ?? '');
    if (response.ok && !Number.isNaN(until)) renewed(until);
    if (response.status === 401 && schemaPath !== '/v1/sign-in') signedOut();
  },
};

/** The typed client: its paths, parameters and answers are those of the OpenAPI document. */
export const api = createClient<paths>({
  fetch: (request) => fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(DEADLINE_MS)]) }),
});
api.use(session);

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** What the API answered with: `await answerOf(api.GET('/v1/nodes'))`. Rejects with ApiProblem. */
export async function answerOf<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (error) {
    throw asProblem(error);
  }
  if (!answer.response.ok) throw problemOf(answer.response.status, answer.error);
  return answer.data as T; // of an answer that is ok
}
