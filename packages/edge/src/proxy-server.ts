import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { CulvertError, type Logger, sleep, toCulvertError } from '@culvert/base';
import { splice } from '@culvert/link';
import { answerError, answerErrorAndClose } from './answers.ts';
import { BrowserConnection } from './browser-connection.ts';
import { discardRest } from './discard.ts';
import { Exchange } from './exchange.ts';
import { checkRequestFraming, hasContent } from './framing.ts';
import { malformed } from './malformed.ts';
import { Opener } from './opener.ts';
import { type ProxyOptions, type ResolvedOptions, resolveOptions } from './options.ts';
import { isAbsoluteForm, parseAbsoluteTarget, parseConnectTarget } from './target.ts';
import { forwardUpgrade, isWebSocketUpgrade } from './upgrade.ts';

/** Connections above the limit that still get an answer; beyond it they are cut, to bound what they cost. */
const OVER_LIMIT_ANSWERED = 256;
const DRAIN_RETRY_AFTER_SECONDS = 1;
const KEEPALIVE_PROBE_MS = 30_000;

/** The proxy front: CONNECT, absolute-URI HTTP/1.x and WebSocket upgrades, over sessions that a resolver names. */
export class ProxyServer {
  readonly #options: ResolvedOptions;
  readonly #logger: Logger;
  readonly #opener: Opener;
  readonly #server: Server;
  readonly #browsers = new Map<Socket, BrowserConnection>();
  /** CONNECT tunnels and upgraded connections, and those that are to become one. */
  readonly #tunnels = new Set<Socket>();
  #draining = false;
  #onCalm: (() => void) | undefined;

  constructor(options: ProxyOptions) {
    this.#options = resolveOptions(options);
    const { logger, observed, openDeadlineMs, maxHeaderBytes } = this.#options;
    this.#logger = logger;
    this.#opener = new Opener({ deadlineMs: openDeadlineMs, observed });
    this.#server = createServer({
      maxHeaderSize: maxHeaderBytes,
      insecureHTTPParser: false,
      requireHostHeader: false, // checked with the rest of the framing, for an answer with a code
      headersTimeout: this.#options.headersTimeoutMs,
      requestTimeout: 0, // an upload may last for hours
      keepAliveTimeout: this.#options.keepAliveTimeoutMs,
      connectionsCheckingInterval: Math.min(5_000, this.#options.headersTimeoutMs),
      noDelay: true,
      keepAlive: true, // tunnels have no timeouts: TCP probes find the browsers that vanished
      keepAliveInitialDelay: KEEPALIVE_PROBE_MS,
      optimizeEmptyRequests: true,
      shouldUpgradeCallback: isWebSocketUpgrade,
    });
    this.#server.maxHeadersCount = 0; // unlimited: fields beyond a count would be dropped silently; bytes are limited
    this.#server.timeout = 0;
    this.#server.on('connection', (socket: Socket) => this.#onConnection(socket));
    this.#server.on('request', (request, response) => this.#onRequest(request, response));
    this.#server.on('checkContinue', (request, response) => this.#onRequest(request, response));
    this.#server.on('checkExpectation', (request, response) => this.#onRequest(request, response));
    this.#server.on('connect', (request, _socket, head) => this.#onTunnel('connect', request, head));
    this.#server.on('upgrade', (request, _socket, head) => this.#onTunnel('upgrade', request, head));
    this.#server.on('clientError', (error, socket) => this.#onClientError(error, socket as Socket));
  }

  /** For who has to know of its connections beyond what is offered here. */
  get http(): Server {
    return this.#server;
  }

  /** Resolves with the port once it listens; `reusePort`: beside other processes that do (Linux). */
  async listen(address: { host: string; port: number; reusePort?: boolean }): Promise<AddressInfo> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen({ ...address, backlog: 1024 }, resolve);
    await promise;
    this.#server.off('error', reject);
    // A server on a TCP port has an AddressInfo; strings are for pipes.
    return this.#server.address() as AddressInfo;
  }

  /** Browser connections now. */
  get connections(): number {
    return this.#browsers.size;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /**
   * Takes no new work: requests get 503 `draining`, what runs goes on, idle connections are closed. The listener
   * stays open: a browser that cannot connect shuns its proxy for minutes, one that gets a 503 does not.
   */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#server.closeIdleConnections();
  }

  /** Drains, waits up to `deadlineMs` for what runs, then breaks off the rest. */
  async close(deadlineMs = 0): Promise<void> {
    this.drain();
    await this.#calm(deadlineMs);
    const listener = new Promise<void>((resolve) => {
      if (this.#server.listening) this.#server.close(() => resolve());
      else resolve();
    });
    await Promise.all([listener, ...[...this.#browsers.keys()].map(destroyed)]);
  }

  get #running(): number {
    let running = this.#tunnels.size;
    for (const browser of this.#browsers.values()) if (browser.current !== undefined) running += 1;
    return running;
  }

  async #calm(deadlineMs: number): Promise<void> {
    if (this.#running === 0 || deadlineMs <= 0) return;
    const controller = new AbortController();
    this.#onCalm = () => controller.abort();
    await sleep(deadlineMs, controller.signal);
  }

  #onConnection(socket: Socket): void {
    const { resolver, authenticate, maxConnections } = this.#options;
    if (this.#browsers.size >= maxConnections + OVER_LIMIT_ANSWERED) {
      this.#refused(socket, new CulvertError('limit_exceeded'), {});
      socket.destroy();
      return;
    }
    this.#browsers.set(socket, new BrowserConnection({ socket, resolver, authenticate, opener: this.#opener }));
    socket.once('close', () => {
      this.#browsers.delete(socket);
      this.#tunnels.delete(socket);
      this.#settleCalm();
    });
  }

  #settleCalm(): void {
    if (this.#onCalm !== undefined && this.#running === 0) this.#onCalm();
  }

  /** What is refused before anything is looked at. @throws draining, limit_exceeded */
  #admit(): void {
    if (this.#draining) {
      const retryAfterSeconds = DRAIN_RETRY_AFTER_SECONDS;
      throw new CulvertError('draining', 'This proxy is stopping; another one takes over.', { retryAfterSeconds });
    }
    if (this.#browsers.size > this.#options.maxConnections) {
      throw new CulvertError('limit_exceeded', 'The proxy has too many connections.', { retryAfterSeconds: 1 });
    }
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const browser = this.#browsers.get(request.socket);
    if (browser === undefined) return; // cut at the limit; its socket is destroyed
    response.once('close', () => {
      if (browser.current === response) browser.next();
      this.#settleCalm();
    });
    const queued = browser.enqueue(response, () => void this.#forward(browser, request, response));
    if (!queued) request.socket.destroy();
  }

  /** Never rejects: whatever goes wrong becomes the answer. */
  async #forward(browser: BrowserConnection, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const onFailed = (error: CulvertError): void => this.#answer(browser, request, response, error);
    try {
      const url = request.url ?? '';
      if (!isAbsoluteForm(url)) {
        this.#onOriginForm(request, response);
        return;
      }
      this.#admit();
      checkRequestFraming(request);
      const target = parseAbsoluteTarget(url, request.method ?? 'GET');
      const { upstreams } = await browser.authenticate(request.headers['proxy-authorization']);
      if (browser.gone.aborted) return;
      new Exchange({ request, response, target, upstreams, onFailed });
    } catch (error) {
      onFailed(toCulvertError(error));
      discardRest(request);
    }
  }

  #onOriginForm(request: IncomingMessage, response: ServerResponse): void {
    const { originForm } = this.#options;
    if (originForm !== undefined) {
      originForm(request, response);
      return;
    }
    const fix = 'Set it as the HTTP proxy of a browser or client: curl --proxy http://USER:SECRET@HOST:PORT URL';
    throw new CulvertError('bad_request', 'This is an HTTP proxy, not a web server.', { fix });
  }

  #onTunnel(kind: 'connect' | 'upgrade', request: IncomingMessage, head: Buffer): void {
    const { socket } = request;
    const browser = this.#browsers.get(socket);
    // Pipelined behind a request that is still being answered: there is no place for an answer, and no client does it.
    if (browser === undefined || browser.current !== undefined) {
      socket.destroy();
      return;
    }
    this.#tunnels.add(socket);
    const run = kind === 'connect' ? this.#connect : this.#upgrade;
    run.call(this, browser, request, head).catch((error: unknown) => {
      const refusal = toCulvertError(error);
      this.#tunnels.delete(socket);
      this.#settleCalm();
      this.#refused(socket, refusal, { ...browser.session, kind, target: request.url });
      // A refused CONNECT ends the connection: what a client sent ahead must not be read as requests (RFC 9931 §7).
      answerErrorAndClose(socket, refusal);
    });
  }

  async #connect(browser: BrowserConnection, request: IncomingMessage, head: Buffer): Promise<void> {
    this.#admit();
    if (hasContent(request)) throw new CulvertError('bad_request', 'A CONNECT request has no content.');
    const target = parseConnectTarget(request.url ?? '');
    const { tunnel } = await browser.authenticate(request.headers['proxy-authorization']);
    const stream = await this.#opener.open(tunnel, target, 'connect', browser.gone);
    browser.socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    splice(stream, browser.socket, { head });
  }

  async #upgrade(browser: BrowserConnection, request: IncomingMessage, head: Buffer): Promise<void> {
    this.#admit();
    checkRequestFraming(request);
    const target = parseAbsoluteTarget(request.url ?? '', 'GET');
    const { tunnel } = await browser.authenticate(request.headers['proxy-authorization']);
    const stream = await this.#opener.open(tunnel, target, 'websocket', browser.gone);
    await forwardUpgrade({ request, socket: browser.socket, head, stream, target });
  }

  #answer(browser: BrowserConnection, request: IncomingMessage, response: ServerResponse, error: CulvertError): void {
    if (browser.gone.aborted) return;
    this.#refused(request.socket, error, { ...browser.session, kind: 'http', target: request.headers.host });
    if (this.#draining) response.shouldKeepAlive = false;
    answerError(response, error);
  }

  /** Bytes that are not a request that can be understood in one way only, or none in time. */
  #onClientError(error: NodeJS.ErrnoException, socket: Socket): void {
    const refusal = malformed(error);
    const browser = this.#browsers.get(socket);
    if (refusal === undefined || socket.destroyed || browser === undefined) {
      socket.destroy();
      return;
    }
    this.#refused(socket, refusal, { ...browser.session, parser: error.code });
    // In the middle of an answer there is no place for one of our own.
    if (browser.current?.headersSent) {
      socket.destroy();
      return;
    }
    browser.giveUp();
    answerErrorAndClose(socket, refusal);
  }

  #refused(socket: Socket, error: CulvertError, fields: Record<string, unknown>): void {
    this.#options.observed.refused(error.code);
    const line = { event: 'connection.refused', code: error.code, client: socket.remoteAddress, ...fields };
    if (error.code === 'internal') this.#logger.error({ ...line, err: error }, 'connection refused by a fault');
    else this.#logger.info({ ...line, detail: error.message }, `connection refused: ${error.code}`);
  }
}

function destroyed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
    socket.destroy();
  });
}

export function createProxyServer(options: ProxyOptions): ProxyServer {
  return new ProxyServer(options);
}
