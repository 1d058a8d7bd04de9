import { type ClientRequest, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { CulvertError } from '@culvert/base';
import { discardRest } from './discard.ts';
import { checkResponseFraming, hasContent } from './framing.ts';
import { interimHeaders, requestHeaders, responseHeaders } from './headers.ts';
import { pump } from './pump.ts';
import type { AbsoluteTarget } from './target.ts';
import { upstreamError } from './upstream-error.ts';
import type { UpstreamPool } from './upstream-pool.ts';

/** Methods whose repetition changes nothing more (RFC 9110 §9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);
/** Interim answers are passed on without back-pressure; no server has use for more. */
const MAX_INTERIM = 32;
/** Larger than what we take from browsers: targets set cookies. */
export const MAX_RESPONSE_HEADER_BYTES = 65_536;

export interface ExchangeOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: AbsoluteTarget;
  readonly upstreams: UpstreamPool;
  /** The target could not be asked, or gave no answer that can be passed on. Nothing was answered yet. */
  readonly onFailed: (error: CulvertError) => void;
}

/** One request of a browser, sent on to its target, and the answer back. */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #hasContent: boolean;
  #upstream: ClientRequest | undefined;
  #answer: IncomingMessage | undefined;
  #stopUpload = (): void => undefined;
  #stopDownload = (): void => undefined;
  #interim = 0;
  #settled = false;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#hasContent = hasContent(options.request);
    options.response.once('close', () => this.#onBrowserDone());
    this.#send(true);
  }

  #send(mayRetry: boolean): void {
    const { request, target, upstreams } = this.#options;
    const upstream = httpRequest({
      agent: upstreams,
      host: target.host,
      port: target.port,
      method: request.method ?? 'GET',
      path: target.path,
      headers: requestHeaders(request, target.authority),
      setHost: false,
      maxHeaderSize: MAX_RESPONSE_HEADER_BYTES,
      insecureHTTPParser: false,
    });
    upstream.maxHeadersCount = 0; // unlimited: node would drop the fields beyond a count silently; bytes are limited
    this.#upstream = upstream;
    upstream.on('information', (info) => this.#onInterim(info.statusCode, info.rawHeaders));
    upstream.on('response', (answer) => this.#onAnswer(answer));
    upstream.on('error', (error: Error) => this.#onUpstreamError(upstream, error, mayRetry));
    upstream.on('close', () => this.#onUpstreamClosed(upstream));
    if (this.#hasContent) this.#stopUpload = pump(request, upstream);
    else upstream.end();
  }

  #onInterim(status: number, rawHeaders: readonly string[]): void {
    const { request, response } = this.#options;
    this.#interim += 1;
    if (this.#interim > MAX_INTERIM) {
      this.#fail(new CulvertError('target_invalid_response', 'The target sends interim answers without end.'));
      return;
    }
    // An HTTP/1.0 client knows no interim answers (RFC 9110 §15.2).
    if (response.headersSent || request.httpVersionMinor === 0) return;
    if (status === 100) response.writeContinue();
    else response.writeInformation(status, interimHeaders(rawHeaders));
  }

  #onAnswer(answer: IncomingMessage): void {
    const { response } = this.#options;
    if (this.#settled) return;
    try {
      checkResponseFraming(answer);
      this.#answer = answer;
      answer.on('error', () => this.#breakOff());
      answer.once('close', () => {
        if (!answer.complete) this.#breakOff();
      });
      writeHead(answer, response);
      this.#stopDownload = pump(answer, response);
    } catch (error) {
      this.#fail(upstreamError(error));
    }
  }

  #onUpstreamError(upstream: ClientRequest, error: Error, mayRetry: boolean): void {
    if (this.#settled || upstream !== this.#upstream) return;
    if (this.#answer !== undefined) {
      // A parse error in the content, say. An answer that is already complete loses nothing.
      if (!this.#answer.complete) this.#breakOff();
      return;
    }
    if (mayRetry && this.#lostRace(upstream)) {
      // The target closed an idle connection just as this request was sent on it (RFC 9112 §9.3.1).
      this.#options.upstreams.closeIdle();
      this.#send(false);
      return;
    }
    this.#fail(upstreamError(error));
  }

  #lostRace(upstream: ClientRequest): boolean {
    const method = this.#options.request.method ?? '';
    return upstream.reusedSocket && this.#interim === 0 && !this.#hasContent && IDEMPOTENT.has(method);
  }

  #onUpstreamClosed(upstream: ClientRequest): void {
    if (upstream !== this.#upstream) return;
    // Closed without an error or an answer: node drops a 101 that was not asked for like that.
    if (this.#answer === undefined) this.#fail(upstreamError(undefined));
    if (!this.#hasContent) return;
    // The target may close before the upload is through (an early answer): nobody is left to take the rest.
    this.#stopUpload();
    discardRest(this.#options.request);
  }

  #onBrowserDone(): void {
    this.#stopDownload();
    if (this.#options.response.writableFinished || this.#settled) return;
    this.#settled = true;
    this.#stopUpload();
    this.#upstream?.destroy();
  }

  #fail(error: CulvertError): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#stopUpload();
    this.#stopDownload();
    this.#upstream?.destroy();
    this.#options.onFailed(error);
    discardRest(this.#options.request);
  }

  /** The answer cannot be completed. The browser must see that it is cut short, so it gets no orderly end. */
  #breakOff(): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#stopUpload();
    this.#stopDownload();
    this.#upstream?.destroy();
    const { request } = this.#options;
    const delimitedByClose = request.httpVersionMinor === 0 && this.#answer?.headers['content-length'] === undefined;
    // An answer that ends with the connection looks whole after a FIN; only a reset tells.
    if (delimitedByClose) request.socket.resetAndDestroy();
    else request.socket.destroy();
  }
}

/** Status line and fields as the target wrote them; node adds what its own framing needs. */
export function writeHead(answer: IncomingMessage, response: ServerResponse): void {
  response.sendDate = false;
  // node chooses the framing: chunked for HTTP/1.1 unless there is a length, by close for HTTP/1.0.
  const chunked = response.req.httpVersionMinor === 1 && answer.headers['content-length'] === undefined;
  const hasBody = response.req.method !== 'HEAD' && answer.statusCode !== 204 && answer.statusCode !== 304;
  const headers = responseHeaders(answer, chunked && hasBody);
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', headers);
}
