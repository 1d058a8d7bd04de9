import { Backoff, CulvertError, sleep, toErrorCode } from '@culvert/base';
import type { ClusterEvent, EventGap } from '@culvert/contracts';
import type { Target } from '../target.ts';
import { eventBlocks } from './event-blocks.ts';

/** The API shows every 15 s that it lives; after three times that the connection is dead. */
const SILENCE_MS = 45_000;
const ANSWER_MS = 15_000;
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 5_000;

export type FollowedEvent =
  | { readonly kind: 'event'; readonly event: ClusterEvent }
  | { readonly kind: 'gap'; readonly gap: EventGap }
  /** The stream broke, and is begun again where it was. */
  | { readonly kind: 'broken'; readonly why: string };

/**
 * The cluster's events after the id `after`, or from now on, for ever: a stream that breaks is resumed. Rejects when
 * the first attempt fails, and with what the API refuses for good, such as a revoked key.
 */
export async function* followEvents(
  target: Target,
  query: URLSearchParams,
  after?: string,
): AsyncGenerator<FollowedEvent, never> {
  const backoff = new Backoff({ firstMs: RETRY_FIRST_MS, maxMs: RETRY_MAX_MS });
  let place = after;
  let began = false;
  for (;;) {
    let why = 'the API ended it';
    let floorMs = 0;
    const silence = new Silence();
    try {
      const body = await open(target, query, place, silence);
      began = true;
      for await (const { id, event, data } of eventBlocks(body, () => silence.over(SILENCE_MS))) {
        backoff.reset();
        if (id !== undefined) place = id;
        if (data === undefined) continue;
        // The contract says what the data is.
        yield event === 'gap' ? { kind: 'gap', gap: JSON.parse(data) } : { kind: 'event', event: JSON.parse(data) };
      }
    } catch (error) {
      if (error instanceof CulvertError && (!began || isFinal(error))) throw error;
      why = error instanceof Error ? error.message : String(error);
      floorMs = error instanceof CulvertError ? (error.retryAfterSeconds ?? 0) * 1_000 : 0;
    } finally {
      silence.end();
    }
    yield { kind: 'broken', why };
    await sleep(backoff.next(floorMs));
  }
}

/** Asking again would be answered the same. */
function isFinal({ status }: CulvertError): boolean {
  return status >= 400 && status < 500 && status !== 429 && status !== 499;
}

async function open(
  { api, key }: Target,
  query: URLSearchParams,
  place: string | undefined,
  silence: Silence,
): Promise<ReadableStream<Uint8Array>> {
  const url = `${api.replace(/\/+$/, '')}/v1/events?${query}`;
  silence.over(ANSWER_MS);
  let response: Response;
  try {
    response = await fetch(url, {
      headers: {
        authorization: `Bearer ${key}`,
        accept: 'text/event-stream',
        ...(place === undefined ? {} : { 'last-event-id': place }),
      },
      signal: silence.signal,
    });
  } catch (cause) {
    throw new CulvertError('api_unreachable', `the API at ${api} does not answer`, {
      cause,
      fix: 'Is the cluster running? Check --api / CULVERT_API, or start one with `culvert up`.',
    });
  }
  if (response.ok && response.body) return response.body;
  throw await problemOf(response);
}

async function problemOf(response: Response): Promise<CulvertError> {
  const body: unknown = await response.json().catch(() => undefined); // no JSON: the status has to do
  const problem: Record<string, unknown> = typeof body === 'object' && body !== null ? { ...body } : {};
  const code = toErrorCode(problem.code, response.status >= 500 ? 'internal' : 'invalid_request');
  const retryAfterSeconds = Number(response.headers.get('retry-after') ?? 0);
  return new CulvertError(code, String(problem.detail ?? `the API answered ${response.status}`), {
    ...(typeof problem.fix === 'string' ? { fix: problem.fix } : {}),
    ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}),
  });
}

/** Aborts once nothing was heard for a time that is set anew at each sign of life. */
class Silence {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  over(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#controller.abort(new Error(`nothing came for ${ms / 1_000} s`)), ms);
  }

  /** Also lets go of a connection that is still open. */
  end(): void {
    clearTimeout(this.#timer);
    this.#controller.abort();
  }
}
