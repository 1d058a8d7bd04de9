import { CulvertError, type ErrorCode, toErrorCode } from '@culvert/base';

export interface ApiRequest {
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Instead of the client's own key. */
  readonly key?: string;
  readonly signal?: AbortSignal;
  /** For the whole answer, ms; longer than usual for calls that do much. */
  readonly deadlineMs?: number;
}

export interface ApiAnswer {
  readonly status: number;
  /** The JSON body; of YAML, the text; undefined for 204. Its form is the caller's to check or to know from the contract. */
  readonly body: unknown;
  readonly headers: Headers;
}

/** Longer than usual calls of the API take; a hung API must not hang a command. */
const REQUEST_DEADLINE_MS = 15_000;

/** A client of the routing and operator API for commands and tests. */
export class ApiClient {
  readonly url: string;
  readonly #key: string;

  /** `url` without `/v1`; `key` is a bearer key. */
  constructor(url: string, key: string) {
    this.url = url.replace(/\/+$/, '');
    this.#key = key;
  }

  /** One call, whatever its status. Rejects with `node_unreachable` when there is no answer. */
  async request(method: string, path: string, options: ApiRequest = {}): Promise<ApiAnswer> {
    const { body, key = this.#key, signal, deadlineMs = REQUEST_DEADLINE_MS } = options;
    const deadline = AbortSignal.timeout(deadlineMs);
    try {
      const response = await fetch(`${this.url}/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      });
      const text = await response.text();
      const type = response.headers.get('content-type') ?? '';
      const isJson = /\bjson\b/.test(type);
      const otherwise = /\byaml\b/.test(type) ? text : undefined;
      return {
        status: response.status,
        body: isJson && text ? JSON.parse(text) : otherwise,
        headers: response.headers,
      };
    } catch (cause) {
      throw new CulvertError('node_unreachable', `the API at ${this.url} does not answer: ${reasonOf(cause)}`, {
        cause,
        fix: 'Is the cluster running? Check --api / CULVERT_API, or start one with `culvert up`.',
      });
    }
  }

  /** One call that must succeed: the body of a 2xx answer, else a rejection with the problem's code and words. */
  async call<T>(method: string, path: string, options: ApiRequest = {}): Promise<T> {
    const { status, body } = await this.request(method, path, options);
    if (status >= 200 && status < 300) return body as T; // the contract says what a call answers
    throw problemOf(status, body);
  }
}

function problemOf(status: number, body: unknown): CulvertError {
  const problem: Record<string, unknown> = typeof body === 'object' && body !== null ? { ...body } : {};
  const fallback: ErrorCode = status >= 500 ? 'internal' : 'invalid_request';
  const words = problem.detail ?? problem.title ?? `the API answered ${status}`;
  const fix = typeof problem.fix === 'string' ? { fix: problem.fix } : {};
  return new CulvertError(toErrorCode(problem.code, fallback), String(words), fix);
}

/** fetch says "fetch failed"; the reason is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || ('code' in cause ? String(cause.code) : error.message);
}
