import { CulvertError, type ErrorCode, toErrorCode } from '@culvert/base';
import { type Blocker, type DrainPolicy, WorkerBlockers, WorkerSession } from '@culvert/contracts';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';

/** Workers are near; one that needs longer is in trouble, and the caller should hear of it. */
const DEADLINE_MS = 2_000;

export interface WorkerClientOptions {
  /** Sent to workers whose admin endpoints ask for it. */
  readonly key: string;
  /** For a whole answer, in ms; default 2,000. */
  readonly deadlineMs?: number;
}

/**
 * Asks workers at their admin endpoints; `admin` is a worker's address as the registry has it. Rejects with the
 * worker's own code, or with `node_unreachable`.
 */
export class WorkerClient {
  readonly #options: WorkerClientOptions;

  constructor(options: WorkerClientOptions) {
    this.#options = options;
  }

  /** A session, as its owner tells it. Rejects with `session_not_found` if the worker has it no more. */
  session(admin: string, sessionId: string): Promise<WorkerSession> {
    return this.#read(WorkerSession, `${admin}/sessions/${encodeURIComponent(sessionId)}`);
  }

  /** Rejects with `session_busy` unless `force`, with `session_not_found` if the worker has it no more. */
  async closeSession(admin: string, sessionId: string, force: boolean): Promise<void> {
    await this.#ask('DELETE', `${admin}/sessions/${encodeURIComponent(sessionId)}${force ? '?force=true' : ''}`);
  }

  /** Has the worker begin to drain; it answers at once. One that drains already goes on, under this policy. */
  async drain(admin: string, policy: DrainPolicy): Promise<void> {
    await this.#ask('POST', `${admin}/drain`, { policy });
  }

  /** What the worker still waits for. */
  async blockers(admin: string): Promise<readonly Blocker[]> {
    return (await this.#read(WorkerBlockers, `${admin}/blockers`)).items;
  }

  async #read<T extends TSchema>(schema: T, url: string): Promise<Static<T>> {
    const body = parsed((await this.#ask('GET', url)).text);
    if (Value.Check(schema, body)) return body;
    throw new CulvertError('node_unreachable', `${url} answered with something else than this release expects.`);
  }

  async #ask(method: string, url: string, body?: unknown): Promise<{ readonly text: string }> {
    const { key, deadlineMs = DEADLINE_MS } = this.#options;
    let answer: { readonly ok: boolean; readonly text: string };
    try {
      const response = await fetch(url, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(deadlineMs),
        redirect: 'error', // a redirect would carry the key elsewhere
      });
      // Read under the same deadline: a worker may freeze in the middle of its answer.
      answer = { ok: response.ok, text: await response.text() };
    } catch (cause) {
      throw new CulvertError('node_unreachable', `The worker did not answer within ${deadlineMs} ms.`, {
        cause,
        retryAfterSeconds: 1,
      });
    }
    if (answer.ok) return answer;
    throw problemOf(parsed(answer.text));
  }
}

/** undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemOf(body: unknown): CulvertError {
  const fields: Record<string, unknown> = typeof body === 'object' && body !== null ? { ...body } : {};
  const code: ErrorCode = toErrorCode(fields.code, 'node_unreachable');
  // The key that the worker did not take is ours, not the caller's.
  if (code === 'unauthenticated') return new CulvertError('node_unreachable', 'The worker refused the API.');
  // Nor is the path the caller's: what is asked for is there, but this worker can't be asked.
  if (code === 'not_found')
    return new CulvertError('node_unreachable', 'The worker is of a release without this call.');
  return new CulvertError(code, typeof fields.detail === 'string' ? fields.detail : undefined);
}
