import type { IncomingMessage, ServerResponse } from 'node:http';
import { CulvertError, type Logger, randomId, silentLogger } from '@culvert/base';
import {
  createProxyServer,
  loggedConnections,
  ObservedConnections,
  type ProxyOptions,
  type ProxyServer,
  Reattacher,
  RoutedTunnel,
  tracedConnections,
  WorkerLinks,
} from '@culvert/edge';
import type { Tracer } from '@culvert/telemetry';
import { specialKind } from './address.ts';
import { RoutingApi } from './api.ts';
import { parseApiUrl } from './options.ts';
import { Owner } from './owner.ts';
import { LOCAL_PROXY_SOFTWARE } from './software.ts';
import { parseTarget } from './target.ts';

export interface LocalProxyOptions {
  /** The routing API. */
  readonly api: string;
  /** A key that may see the session: of its tenant, or an operator's. */
  readonly key: string;
  /** The session's id or name. */
  readonly session: string;
  /** `host:port`, port 0 = any free. Default `127.0.0.1:0`. */
  readonly listen?: string;
  /** The proxy asks for no credentials, so it listens on loopback only, unless this is set. */
  readonly allowRemote?: boolean;
  readonly logger?: Logger;
  /** Makes a trace of each connection; unless given, there are none. */
  readonly tracer?: Tracer;
  /** PEM certificates to trust for the API and for links. */
  readonly ca?: string;
  /** How long a connection that lost its path waits to go on over another, ms. Default 60 000. */
  readonly resumeWindowMs?: number;
}

export interface LocalProxy extends AsyncDisposable {
  /** `http://host:port`: what a browser is given, without credentials. */
  readonly url: string;
  /** A PAC file that points here. */
  readonly pac: string;
  /** Asks the API for the session's owner now. Rejects with its code; false: nobody serves the session. */
  check(): Promise<boolean>;
  /** Takes no new work, lets what runs finish for `deadlineMs` (default 0), breaks off the rest. */
  close(options?: { readonly deadlineMs?: number }): Promise<void>;
}

/**
 * A proxy beside the browser, for one session, that needs no credentials typed. Connections go straight to the
 * session's owner, found through the routing API; an owner that cannot be found now is a 503 to the browser, not an
 * error here. Rejects with `config_invalid` for options that are wrong, or with the listener's error.
 */
export async function startLocalProxy(options: LocalProxyOptions): Promise<LocalProxy> {
  const { logger = silentLogger, ca } = options;
  const listen = parseListen(options.listen ?? '127.0.0.1:0', options.allowRemote ?? false);
  if (options.session === '') throw new CulvertError('config_invalid', 'the session is empty');
  const api = new RoutingApi({ url: parseApiUrl(options.api), key: options.key, ca });
  const owner = new Owner({ api, session: options.session, logger, nowMs: Date.now });
  const id = randomId('p');
  const traced = options.tracer === undefined ? [] : [tracedConnections(options.tracer, id)];
  const observed = new ObservedConnections(...traced, loggedConnections(logger));
  const links = new WorkerLinks({
    id,
    software: LOCAL_PROXY_SOFTWARE,
    logger,
    token: (worker) => owner.ticketFor(worker.id),
    detached: (stream, why, from) => reattacher.take(stream, why, from),
    ...(ca === undefined ? {} : { tls: { ca } }),
  });
  const reattacher = new Reattacher({
    links,
    findRoute: (_sessionId, how) => owner.find(how),
    logger,
    observed,
    ...(options.resumeWindowMs === undefined ? {} : { resumeWindowMs: options.resumeWindowMs }),
  });
  const running = new RunningLocalProxy(owner, links, reattacher, { logger, observed });
  try {
    await running.listen(listen);
  } catch (error) {
    await running.close();
    throw error;
  }
  return running;
}

class RunningLocalProxy implements LocalProxy {
  readonly #owner: Owner;
  readonly #links: WorkerLinks;
  readonly #reattacher: Reattacher;
  readonly #logger: Logger;
  readonly #server: ProxyServer;
  #url = '';

  constructor(
    owner: Owner,
    links: WorkerLinks,
    reattacher: Reattacher,
    { logger, observed }: { readonly logger: Logger; readonly observed: ObservedConnections },
  ) {
    this.#owner = owner;
    this.#links = links;
    this.#reattacher = reattacher;
    this.#logger = logger;
    const options: ProxyOptions & { readonly authenticate: false } = {
      logger,
      observed,
      authenticate: false,
      resolver: { resolve: () => this.#tunnel() },
      originForm: (request, response) => this.#answerForItself(request, response),
    };
    this.#server = createProxyServer(options);
  }

  get url(): string {
    return this.#url;
  }

  get pac(): string {
    return `${this.#url}/proxy.pac`;
  }

  async listen(address: { host: string; port: number }): Promise<void> {
    const { port } = await this.#server.listen(address);
    const host = address.host.includes(':') ? `[${address.host}]` : address.host;
    this.#url = `http://${host}:${port}`;
  }

  async check(): Promise<boolean> {
    return (await this.#owner.look()) !== undefined;
  }

  async close({ deadlineMs = 0 }: { readonly deadlineMs?: number } = {}): Promise<void> {
    await this.#server.close(deadlineMs);
    this.#reattacher.close();
    this.#owner.close();
    this.#links.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** A browser connection's way through. The session's name may get its id only here. */
  async #tunnel(): Promise<RoutedTunnel> {
    const route = await this.#owner.find({ refresh: false });
    return new RoutedTunnel({
      sessionId: this.#owner.sessionId,
      tenantId: route?.tenantId ?? '',
      links: this.#links,
      findRoute: (_sessionId, how) => this.#owner.find(how),
      mayReturn: () => Promise.resolve(this.#owner.mayReturn),
      logger: this.#logger,
    });
  }

  #answerForItself({ url }: IncomingMessage, response: ServerResponse): void {
    if (url === '/proxy.pac') {
      const proxy = new URL(this.#url).host;
      response.writeHead(200, { 'content-type': 'application/x-ns-proxy-autoconfig', 'cache-control': 'no-store' });
      response.end(`function FindProxyForURL(url, host) { return "PROXY ${proxy}"; }\n`);
      return;
    }
    response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8', 'x-culvert-error': 'bad_request' });
    response.end(`This is an HTTP proxy for one Culvert session. Use it as one: curl --proxy ${this.#url} URL\n`);
  }
}

/** Reads `host:port`. Throws `config_invalid` for an address that others can reach, unless they may. */
function parseListen(text: string, allowRemote: boolean): { host: string; port: number } {
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const port = Number(text.slice(colon + 1));
  if (colon < 1 || !/^\d{1,5}$/.test(text.slice(colon + 1)) || port > 65_535) {
    throw new CulvertError('config_invalid', `--listen ${JSON.stringify(text)} is not host:port`);
  }
  const { address, host: name } = parseTarget(host, 1);
  const isLoopback = address ? specialKind(address)?.kind === 'loopback' : name === 'localhost';
  if (!isLoopback && !allowRemote) {
    const fix = 'The local proxy asks for no credentials. Listen on 127.0.0.1, or use a gateway from elsewhere.';
    throw new CulvertError('config_invalid', `--listen ${text} can be reached from other machines`, { fix });
  }
  return { host, port };
}
