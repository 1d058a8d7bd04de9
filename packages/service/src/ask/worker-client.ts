import { CulvertError, type ErrorCode, toErrorCode } from '@culvert/base';
import {
  type Blocker,
  type DrainPolicy,
  type SessionAskBody,
  type SessionQuestion,
  type ShedBody,
  Shedding,
  type WorkerAnswer,
  WorkerBlockers,
  WorkerDone,
  WorkerRefusal,
} from '@culvert/contracts';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';

/** Workers are near; one that needs longer is in trouble, and the caller should hear of it. */
const DEADLINE_MS = 2_000;

export interface WorkerClientOptions {
  /** Sent to workers whose admin endpoints ask for it. */
  readonly key: string;
  /** For a whole answer, in ms; default 2,000. */
  readonly deadlineMs?: number;
}

export type SessionAsk<K extends SessionQuestion['kind']> = Omit<SessionAskBody, 'question'> & {
  readonly question: Extract<SessionQuestion, { readonly kind: K }>;
};

interface Call {
  /** Sent as JSON. */
  readonly body?: unknown;
  /** For the whole answer, in ms, if it is another one than the client's. */
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

  /** Asks the actor of a session; the whole answer has to be there within `withinMs` of the question. */
  async ask<K extends SessionQuestion['kind']>(
    admin: string,
    sessionId: string,
    asked: SessionAsk<K>,
  ): Promise<WorkerAnswer<K>> {
    const url = `${admin}/sessions/${encodeURIComponent(sessionId)}/ask`;
    const schema = Type.Union([WorkerDone[asked.question.kind], WorkerRefusal]);
    return this.#read(schema, 'POST', url, { body: asked, deadlineMs: asked.withinMs }) as Promise<WorkerAnswer<K>>;
  }

  /** Has the worker begin to drain; it answers at once. One that drains already goes on, under this policy. */
  async drain(admin: string, policy: DrainPolicy): Promise<void> {
    await this.#ask('POST', `${admin}/drain`, { body: { policy } });
  }

  /** Has the worker send some of its sessions to others; it answers at once. Rejects with `draining`. */
  shed(admin: string, moves: ShedBody['moves']): Promise<Shedding> {
    return this.#read(Shedding, 'POST', `${admin}/moves`, { body: { moves } });
  }

  /** What the worker still waits for. */
  async blockers(admin: string): Promise<readonly Blocker[]> {
    return (await this.#read(WorkerBlockers, 'GET', `${admin}/blockers`)).items;
  }

  async #read<T extends TSchema>(schema: T, method: string, url: string, call: Call = {}): Promise<Static<T>> {
    const body = parsed((await this.#ask(method, url, call)).text);
    if (Value.Check(schema, body)) return body;
    throw new CulvertError('node_unreachable', `${url} answered with something else than this release expects.`);
  }

  async #ask(method: string, url: string, { body, ...call }: Call = {}): Promise<{ readonly text: string }> {
    const { key } = this.#options;
    const deadlineMs = call.deadlineMs ?? this.#options.deadlineMs ?? DEADLINE_MS;
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
  if (code === 'unauthenticated') return new CulvertError('node_unreachable', 'The worker refused the key.');
  // Nor is the path the caller's: what is asked for is there, but this worker can't be asked.
  if (code === 'not_found')
    return new CulvertError('node_unreachable', 'The worker is of a release without this call.');
  return new CulvertError(code, typeof fields.detail === 'string' ? fields.detail : undefined);
}
