import { Agent, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { Keystream } from '../../../support/chaos/keystream.ts';
import { type Duration, parseDuration } from '../duration.ts';
import type { Tags } from '../tags.ts';
import { readBody } from './http-body.ts';
import { HttpConnections } from './http-connections.ts';
import { Interrupted, orInterrupted } from './interrupted.ts';
import { authorizationOf, codeOf, type TrafficContext } from './traffic.ts';

const TIMEOUT_MS = 60_000;

export interface HttpParams {
  readonly headers?: Readonly<Record<string, string>>;
  readonly tags?: Tags;
  /** For the whole exchange; default 60s. */
  readonly timeout?: Duration;
  /** The answer has to be these bytes: the first `bytes` of the key stream of that name. */
  readonly expect?: { readonly keystream: string; readonly bytes: number };
  /** false: a connection of its own. */
  readonly keepAlive?: boolean;
}

/** An answer; a request that failed is one of status 0, as in k6. */
export interface HttpResponse {
  readonly status: number;
  /** Set when the answer is Culvert's own and not the app's. */
  readonly code: string | undefined;
  /** Why there is no answer, or not all of it; empty: there is. */
  readonly error: string;
  readonly headers: IncomingHttpHeaders;
  /** Its first 64 KiB. */
  readonly body: string;
  readonly bytes: number;
  readonly wrongBytes: number;
  /** ms; duration: from when the request was due to the last byte. */
  readonly timings: { readonly duration: number; readonly waiting: number };
}

/** The HTTP of one VU, as a browser does it: by absolute URI, over connections to the proxy that are kept. */
export class HttpClient {
  readonly #context: TrafficContext;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 6, maxFreeSockets: 6 });
  readonly #connections: HttpConnections;

  constructor(context: TrafficContext) {
    this.#context = context;
    this.#connections = new HttpConnections(context);
  }

  /** `path` on the private app, or a URL. */
  get(path: string, params: HttpParams = {}): Promise<HttpResponse> {
    return this.request('GET', path, undefined, params);
  }

  post(path: string, body: string | Buffer, params: HttpParams = {}): Promise<HttpResponse> {
    return this.request('POST', path, body, params);
  }

  put(path: string, body: string | Buffer, params: HttpParams = {}): Promise<HttpResponse> {
    return this.request('PUT', path, body, params);
  }

  del(path: string, params: HttpParams = {}): Promise<HttpResponse> {
    return this.request('DELETE', path, undefined, params);
  }

  /** So many bytes of the app, each of which is looked at. */
  download(bytes: number, params: HttpParams = {}): Promise<HttpResponse> {
    const keystream = this.#context.nextName();
    return this.get(`/keystream/${keystream}/${bytes}`, { ...params, expect: { keystream, bytes } });
  }

  /** So many bytes to the app, which sends them back; each is looked at. */
  upload(bytes: number, params: HttpParams = {}): Promise<HttpResponse> {
    const keystream = this.#context.nextName();
    const body = new Keystream(keystream).take(bytes);
    return this.post('/echo', body, { ...params, expect: { keystream, bytes } });
  }

  async request(
    method: string,
    path: string,
    body: string | Buffer | undefined,
    params: HttpParams = {},
  ): Promise<HttpResponse> {
    const { clock, add, dueMs } = this.#context;
    const dueAtMs = dueMs();
    const sentMs = clock.monotonic();
    const exchange = await this.#exchange(method, path, body, params);
    const { waitedMs, ...answer } = exchange;
    const tags = { kind: 'http', method, status: String(answer.status), ...params.tags };
    const duration = clock.monotonic() - dueAtMs;
    const failed = answer.error !== '' || answer.status < 200 || answer.status >= 400;
    add('http_reqs', 1, tags);
    add('http_req_failed', failed ? 1 : 0, tags);
    add('http_req_duration', duration, tags);
    if (waitedMs !== undefined) add('http_req_waiting', waitedMs - sentMs, tags);
    add('data_sent', body?.length ?? 0, tags);
    add('data_received', answer.bytes, tags);
    if (answer.wrongBytes > 0) add('bytes_wrong', answer.wrongBytes, tags);
    return { ...answer, timings: { duration, waiting: waitedMs === undefined ? 0 : waitedMs - sentMs } };
  }

  close(): void {
    this.#connections.close();
    this.#agent.destroy();
  }

  /** A GET on a kept connection that breaks before any answer goes out again once, as browsers do it (RFC 9110, 9.2.2). */
  async #exchange(
    method: string,
    path: string,
    body: string | Buffer | undefined,
    params: HttpParams,
  ): Promise<Exchanged> {
    const first = await this.#once(method, path, body, params);
    return first.retry ? this.#once(method, path, body, params) : first;
  }

  async #once(method: string, path: string, body: string | Buffer | undefined, params: HttpParams): Promise<Exchanged> {
    const { clock, ledger, signal } = this.#context;
    const call = this.#send(method, path, body, params);
    // Held here: a socket that is gone is no longer the call's.
    let socket: Socket | null = null;
    let kept = false;
    call.on('socket', (assigned) => {
      socket = assigned;
      kept = this.#connections.isOpen(assigned);
    });
    const answered = Promise.withResolvers<IncomingMessage>();
    call.on('response', answered.resolve).on('error', answered.reject);
    const abort = (): void => void call.destroy(new Interrupted());
    try {
      const response = await orInterrupted(signal(), abort, answered.promise);
      const waitedMs = clock.monotonic();
      const { headers, statusCode: status = 0 } = response;
      const header = headers['x-culvert-error'];
      const code = typeof header === 'string' ? header : undefined;
      this.#connections.answered(response.socket, code);
      const expect = code === undefined && status === 200 ? params.expect : undefined;
      const read = await orInterrupted(signal(), abort, readBody(response, expect));
      ledger.wrongBytes += read.wrongBytes;
      if (read.error === '') this.#connections.complete(socket);
      else this.#connections.lost(socket, read.error);
      return { status, code, headers, ...read, waitedMs, retry: false };
    } catch (error) {
      if (error instanceof Interrupted) {
        this.#connections.interrupted(socket);
        throw error;
      }
      const retry = kept && method === 'GET';
      if (!retry) this.#connections.unanswered(codeOf(error));
      const nothing = { headers: {}, body: '', bytes: 0, wrongBytes: 0, code: undefined, waitedMs: undefined };
      return { status: 0, error: codeOf(error), ...nothing, retry };
    }
  }

  #send(method: string, path: string, body: string | Buffer | undefined, params: HttpParams): ClientRequest {
    const { proxy, session } = this.#context;
    const url = new URL(path, `http://${session.host}:${session.webPort}`);
    const keep = params.keepAlive ?? true;
    const call = request({
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port,
      method,
      path: url.href,
      agent: keep ? this.#agent : false,
      headers: {
        host: url.host,
        ...(keep ? {} : { connection: 'close' }),
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
        'proxy-authorization': authorizationOf(session),
        ...params.headers,
      },
      signal: AbortSignal.timeout(parseDuration(params.timeout ?? TIMEOUT_MS, 'timeout')),
    });
    return call.end(body);
  }
}

type Exchanged = Omit<HttpResponse, 'timings'> & { readonly waitedMs: number | undefined; readonly retry: boolean };
