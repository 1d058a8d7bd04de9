import { CulvertError, type ErrorCode, toErrorCode } from '@culvert/base';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';

/** Nodes are near; one that needs longer is in trouble, and the caller should hear of it. */
const DEADLINE_MS = 2_000;
/** Of one answer: the drain report of 100,000 sessions. */
const MAX_BYTES = 64 * 1024 * 1024;

export interface AdminCallerOptions {
  /** Sent to nodes whose admin endpoints ask for it. */
  readonly key: string;
  /** For a whole answer, in ms; default 2,000. */
  readonly deadlineMs?: number;
}

export interface AdminCall {
  /** Sent as JSON. */
  readonly body?: unknown;
  /** For the whole answer, in ms, if it is another one than the caller's. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Statuses that are answers, beside those below 300. */
  readonly accept?: readonly number[];
}

/** Calls the admin endpoints of nodes. Rejects with the node's own code, or with `node_unreachable`. */
export class AdminCaller {
  readonly #options: AdminCallerOptions;
  readonly #what: string;

  /** `what`: whom it calls, for messages (`worker`). */
  constructor(options: AdminCallerOptions, what: string) {
    this.#options = options;
    this.#what = what;
  }

  /** The answer, if it is what `schema` says. */
  async read<T extends TSchema>(schema: T, method: string, url: string, call: AdminCall = {}): Promise<Static<T>> {
    const body = parsed(await this.send(method, url, call));
    if (Value.Check(schema, body)) return body;
    throw new CulvertError('node_unreachable', `${url} answered with something else than this release expects.`);
  }

  /** The answer's text. */
  async send(method: string, url: string, { body, signal, accept = [], ...call }: AdminCall = {}): Promise<string> {
    const { key } = this.#options;
    const deadlineMs = call.deadlineMs ?? this.#options.deadlineMs ?? DEADLINE_MS;
    const deadline = AbortSignal.timeout(deadlineMs);
    let answer: { readonly ok: boolean; readonly text: string };
    try {
      const response = await fetch(url, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
        redirect: 'error', // a redirect would carry the key elsewhere
      });
      // Read under the same deadline: a node may freeze in the middle of its answer.
      const text = await readBounded(response);
      answer = { ok: response.ok || accept.includes(response.status), text };
    } catch (cause) {
      throw new CulvertError('node_unreachable', `The ${this.#what} did not answer within ${deadlineMs} ms.`, {
        cause,
        retryAfterSeconds: 1,
      });
    }
    if (answer.ok) return answer.text;
    throw this.#problemOf(parsed(answer.text));
  }

  #problemOf(body: unknown): CulvertError {
    const fields: Record<string, unknown> = typeof body === 'object' && body !== null ? { ...body } : {};
    const code: ErrorCode = toErrorCode(fields.code, 'node_unreachable');
    // The key that the node did not take is ours, not the caller's.
    if (code === 'unauthenticated') return new CulvertError('node_unreachable', `The ${this.#what} refused the key.`);
    // Nor is the path the caller's: what is asked for is there, but this node can't be asked.
    if (code === 'not_found')
      return new CulvertError('node_unreachable', `The ${this.#what} is of a release without this call.`);
    return new CulvertError(code, typeof fields.detail === 'string' ? fields.detail : undefined);
  }
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    // Leaving the loop ends the request.
    if (size > MAX_BYTES) throw new Error(`the answer is longer than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
