import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { CulvertError, type ErrorCode, isErrorCode, withDeadline } from '@culvert/base';
import { errorCodeOf } from './resolve.ts';

/** Answers larger than this are not ours. */
const MAX_ANSWER_BYTES = 1_048_576;

/** Bound of one call, from the name lookup to the last byte: without it a lost answer ends the agent's retries. */
export const API_DEADLINE_MS = 10_000;

/** No slot is further away, whatever the API says, ms: a ticket is good for a minute. */
const SLOT_MAX_MS = 60_000;

/** Where to link to, and the ticket that is good for it. */
export interface LinkOffer {
  readonly url: string;
  readonly ticket: string;
  /** The worker that the ticket is for, when the API tells it. */
  readonly node: string | undefined;
  /** Until when the ticket lets one in, ms since the epoch. */
  readonly expiresAtMs: number;
  /** The agent's slot: it is to dial so many ms from now; absent: at once. */
  readonly delayMs?: number;
}

/** A link to the owner of a session. */
export interface OwnerOffer extends LinkOffer {
  readonly node: string;
  /** Of its ownership, when the API tells it. */
  readonly epoch?: number;
}

export interface SessionOffer {
  readonly id: string;
  /** Whose it is, when the API tells it. */
  readonly tenant?: string;
  readonly link: LinkOffer;
  readonly proxy: { readonly url: string; readonly username: string; readonly password: string; readonly pac: string };
}

/** What an agent says when it needs a worker for a session that it has. */
export interface PlacementRequest {
  /** The highest epoch seen. */
  readonly lastEpoch: number;
  /** Workers not to be sent to. */
  readonly exclude: readonly string[];
  readonly agentId: string;
  /** The worker to go to, when it can take the session; else any. */
  readonly prefer?: string;
  /** For a second link, which serves nothing until it is needed. */
  readonly standby?: boolean;
}

export interface ApiOptions {
  readonly url: URL;
  readonly key: string;
  /** PEM certificates to trust instead of the public ones. */
  readonly ca: string | undefined;
}

interface Answer {
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;
  readonly isProblem: boolean;
  readonly body: unknown;
}

/** What an agent asks for: of the routing API, or of a process that makes tickets itself. */
export type AgentApi = Pick<RoutingApi, 'openSession' | 'place' | 'url'>;

/**
 * The calls of the routing API that agents and local proxies make. They reject with the code of the API's problem
 * answer, or with `api_unreachable` when what answered (or did not) was not the API.
 */
export class RoutingApi {
  readonly #options: ApiOptions;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  /** Its address, for messages. */
  get url(): string {
    return this.#options.url.href;
  }

  async openSession(
    session: { readonly name?: string; readonly labels: Readonly<Record<string, string>>; readonly agentId: string },
    signal: AbortSignal,
  ): Promise<SessionOffer> {
    const body = await this.#call('POST', 'sessions', session, signal);
    const proxy = field(body, 'proxy');
    return {
      id: text(body, 'id'),
      ...(isObject(body) && typeof body.tenant === 'string' ? { tenant: body.tenant } : {}),
      link: linkOffer(field(body, 'link')),
      proxy: {
        url: text(proxy, 'url'),
        username: text(proxy, 'username'),
        password: text(proxy, 'password'),
        pac: text(proxy, 'pac'),
      },
    };
  }

  /** A link for a session beside, or in place of, the one that it has. `session_not_found` means: open it again. */
  async place(sessionId: string, placement: PlacementRequest, signal: AbortSignal): Promise<LinkOffer> {
    const body = await this.#call('POST', `sessions/${encodeURIComponent(sessionId)}/placements`, placement, signal);
    return linkOffer(isObject(body) && isObject(body.link) ? body.link : body);
  }

  /** The owner of a session now, with a ticket for a link to it. `session_not_found`: nobody serves it. */
  async route(sessionId: string, signal: AbortSignal): Promise<OwnerOffer> {
    const body = await this.#call('GET', `sessions/${encodeURIComponent(sessionId)}/route`, undefined, signal);
    const epoch = isObject(body) && typeof body.epoch === 'number' ? { epoch: body.epoch } : {};
    return { ...linkOffer(field(body, 'link')), node: text(field(body, 'node'), 'id'), ...epoch };
  }

  /** The id of the session with this name. Rejects with `session_not_found`, or `invalid_request` when several have it. */
  async findByName(name: string, signal: AbortSignal): Promise<string> {
    const query = new URLSearchParams({ q: name, limit: '500' });
    const items = field(await this.#call('GET', `sessions?${query}`, undefined, signal), 'items');
    const named = (Array.isArray(items) ? items : []).filter((item) => isObject(item) && item.name === name);
    if (named.length > 1) throw new CulvertError('invalid_request', `several tenants have a session named ${name}`);
    if (named.length === 0) throw new CulvertError('session_not_found', `no session is named ${name} now`);
    return text(named[0], 'id');
  }

  /** One call below `/v1/`; the parsed body of a 2xx answer. */
  async #call(method: 'GET' | 'POST', path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    const { status, retryAfterSeconds, isProblem, body: answer } = await this.#exchange(method, path, body, signal);
    if (status >= 200 && status < 300) return answer;
    const retry = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
    if (isProblem && isObject(answer) && isErrorCode(answer.code)) {
      const detail = answer.detail;
      throw new CulvertError(answer.code, typeof detail === 'string' ? detail : undefined, retry);
    }
    throw new CulvertError(unknownCode(status), `the API at ${this.url} answered ${status}`, retry);
  }

  async #exchange(method: string, path: string, body: unknown, signal: AbortSignal): Promise<Answer> {
    try {
      return await withDeadline(
        API_DEADLINE_MS,
        `the call to the API at ${this.url}`,
        (deadline) => this.#send(method, path, body, AbortSignal.any([signal, deadline])),
        'api_unreachable',
      );
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof CulvertError) throw error;
      throw new CulvertError('api_unreachable', `the API at ${this.url} ${describe(error)}`, { cause: error });
    }
  }

  async #send(method: string, path: string, body: unknown, signal: AbortSignal): Promise<Answer> {
    const { url, key, ca } = this.#options;
    const target = new URL(`v1/${path}`, url.href.endsWith('/') ? url : `${url.href}/`);
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers: Record<string, string | number> = { authorization: `Bearer ${key}`, accept: 'application/json' };
    // Who is served where is remembered here, and asked for when that has turned out to be wrong.
    if (method === 'GET') headers['cache-control'] = 'no-cache';
    if (payload) Object.assign(headers, { 'content-type': 'application/json', 'content-length': payload.length });
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request =
        target.protocol === 'https:'
          ? httpsRequest(target, { method, headers, signal, agent: false, ca })
          : httpRequest(target, { method, headers, signal, agent: false });
      request.on('response', resolve).on('error', reject).end(payload);
    });
    const type = response.headers['content-type'] ?? '';
    return {
      status: response.statusCode ?? 0,
      retryAfterSeconds: readRetryAfter(response.headers['retry-after']),
      isProblem: type.startsWith('application/problem+json'),
      body: type.includes('json') ? JSON.parse(await readText(response)) : drop(response),
    };
  }
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new Error(`sent more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function drop(response: IncomingMessage): undefined {
  response.destroy();
}

/** Seconds, or an HTTP date (RFC 9110 section 10.2.3). */
function readRetryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}

/** An answer without a code of ours, from a proxy in between perhaps: nothing to draw a final conclusion from. */
function unknownCode(status: number): ErrorCode {
  return status === 429 ? 'limit_exceeded' : 'api_unreachable';
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections',
  ECONNRESET: 'broke the connection off',
  ENOTFOUND: 'does not resolve',
  EAI_AGAIN: 'cannot be looked up now',
  EHOSTUNREACH: 'cannot be reached',
  ENETUNREACH: 'cannot be reached',
  ETIMEDOUT: 'does not answer',
};

function describe(error: unknown): string {
  const code = errorCodeOf(error);
  const words = code && WORDS[code];
  if (words) return `${words} (${code})`;
  return `did not answer as it should: ${error instanceof Error ? error.message || (code ?? error.name) : String(error)}`;
}

function linkOffer(value: unknown): LinkOffer {
  const { node, expiresAt, delayMs } = isObject(value) ? value : {};
  const expiresAtMs = typeof expiresAt === 'string' ? Date.parse(expiresAt) : Number.NaN;
  return {
    url: text(value, 'url'),
    ticket: text(value, 'ticket'),
    node: typeof node === 'string' ? node : undefined,
    // Without a readable time: good for now, not to be kept.
    expiresAtMs: Number.isNaN(expiresAtMs) ? 0 : expiresAtMs,
    ...(typeof delayMs === 'number' && delayMs > 0 ? { delayMs: Math.min(delayMs, SLOT_MAX_MS) } : {}),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function field(value: unknown, name: string): unknown {
  if (isObject(value) && Object.hasOwn(value, name)) return value[name];
  throw new CulvertError('api_unreachable', `the API's answer has no ${name}: is this a Culvert API?`);
}

function text(value: unknown, name: string): string {
  const found = field(value, name);
  if (typeof found === 'string' && found !== '') return found;
  throw new CulvertError('api_unreachable', `the API's answer has no ${name}: is this a Culvert API?`);
}
