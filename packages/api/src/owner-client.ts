import { CulvertError, type ErrorCode, toErrorCode } from '@culvert/base';
import { WorkerSession } from '@culvert/contracts';
import { Value } from 'typebox/value';

/** The owner is near; one that needs longer is in trouble, and the caller should hear of it. */
const DEADLINE_MS = 2_000;

export interface OwnerClientOptions {
  /** Sent to workers whose admin endpoints ask for it. */
  readonly key: string;
  readonly deadlineMs?: number;
}

/** Asks a session's owner, at its admin endpoints. Rejects with the owner's own code, or with `node_unreachable`. */
export class OwnerClient {
  readonly #options: OwnerClientOptions;

  constructor(options: OwnerClientOptions) {
    this.#options = options;
  }

  async session(admin: string, sessionId: string): Promise<WorkerSession> {
    const answer = await this.#ask('GET', `${admin}/sessions/${encodeURIComponent(sessionId)}`);
    const body: unknown = await answer.json();
    if (Value.Check(WorkerSession, body)) return body;
    throw new CulvertError('node_unreachable', `${admin} answered with something else than a session`);
  }

  /** Rejects with `session_busy` unless `force`, with `session_not_found` if the worker has it no more. */
  async close(admin: string, sessionId: string, force: boolean): Promise<void> {
    await this.#ask('DELETE', `${admin}/sessions/${encodeURIComponent(sessionId)}${force ? '?force=true' : ''}`);
  }

  async #ask(method: string, url: string): Promise<Response> {
    const { key, deadlineMs = DEADLINE_MS } = this.#options;
    let answer: Response;
    try {
      answer = await fetch(url, {
        method,
        headers: { authorization: `Bearer ${key}` },
        signal: AbortSignal.timeout(deadlineMs),
        redirect: 'error', // a redirect would carry the key elsewhere
      });
    } catch (cause) {
      throw new CulvertError('node_unreachable', `The session's owner did not answer within ${deadlineMs} ms.`, {
        cause,
        retryAfterSeconds: 1,
      });
    }
    if (answer.ok) return answer;
    throw await problemOf(answer);
  }
}

async function problemOf(answer: Response): Promise<CulvertError> {
  const body: unknown = await answer.json().catch(() => undefined); // no JSON: the status has to do
  const fields: Record<string, unknown> = typeof body === 'object' && body !== null ? { ...body } : {};
  const code: ErrorCode = toErrorCode(fields.code, 'node_unreachable');
  // The key that the owner did not take is ours, not the caller's.
  if (code === 'unauthenticated') return new CulvertError('node_unreachable', "The session's owner refused the API.");
  return new CulvertError(code, typeof fields.detail === 'string' ? fields.detail : undefined);
}
