import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { CulvertError } from '@culvert/base';
import { parseBasicCredentials } from './credentials.ts';
import type { Opener } from './opener.ts';
import type { Resolver, Tunnel } from './resolver.ts';
import { UpstreamPool } from './upstream-pool.ts';

/** Requests sent ahead of their turn on one connection; browsers do not pipeline at all. */
const MAX_PIPELINED = 16;

interface Authenticated {
  readonly header: string;
  readonly tunnel: Tunnel;
  readonly upstreams: UpstreamPool;
}

export interface BrowserConnectionOptions {
  readonly socket: Socket;
  readonly resolver: Resolver;
  /** False: whoever connects is let in, whatever credentials come along. */
  readonly authenticate: boolean;
  readonly opener: Opener;
}

/** One TCP connection of a browser, from accept to close: what is kept from one of its requests to the next. */
export class BrowserConnection {
  readonly socket: Socket;
  readonly #options: BrowserConnectionOptions;
  readonly #gone = new AbortController();
  #authenticated: Authenticated | undefined;
  /** The answer in turn, and the requests that wait for it to be through. */
  #current: ServerResponse | undefined;
  readonly #waiting: { response: ServerResponse; work: () => void }[] = [];

  constructor(options: BrowserConnectionOptions) {
    this.#options = options;
    this.socket = options.socket;
    // While a connection is nobody's (a CONNECT that is being dialed), an error must have a listener; `close` follows.
    this.socket.on('error', () => undefined);
    this.socket.once('close', () => this.giveUp());
  }

  /** Aborted when the browser has closed, or is given up. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** The answer that is being given, if one is. */
  get current(): ServerResponse | undefined {
    return this.#current;
  }

  /** The session that it uses, for the log. */
  get session(): { session_id?: string; tenant_id?: string } {
    const tunnel = this.#authenticated?.tunnel;
    return tunnel === undefined ? {} : { session_id: tunnel.sessionId, tenant_id: tunnel.tenantId };
  }

  /**
   * The session that the credentials open, and this connection's own connections to its targets. Checked once per
   * header value: a browser sends the same one with each request. @throws proxy_auth_required …
   */
  async authenticate(given: string | undefined): Promise<Authenticated> {
    const header = this.#options.authenticate ? given : '';
    if (header === undefined) throw new CulvertError('proxy_auth_required', 'The request has no proxy credentials.');
    if (this.#authenticated?.header === header) return this.#authenticated;
    const credentials = this.#options.authenticate ? parseBasicCredentials(header) : { username: '', password: '' };
    if (credentials === undefined) {
      throw new CulvertError('proxy_auth_required', 'The proxy credentials are not in the form of Basic credentials.');
    }
    const tunnel = await this.#options.resolver.resolve(credentials);
    if (this.#gone.signal.aborted) throw new CulvertError('cancelled', 'the browser gave up');
    // Another session now: what is open belongs to the one before.
    this.#authenticated?.upstreams.destroy();
    this.#authenticated = { header, tunnel, upstreams: new UpstreamPool(tunnel, this.#options.opener) };
    return this.#authenticated;
  }

  /** Runs `work` when the requests before it are answered. False: too many are waiting. */
  enqueue(response: ServerResponse, work: () => void): boolean {
    if (this.#current === undefined) {
      this.#current = response;
      work();
      return true;
    }
    if (this.#waiting.length >= MAX_PIPELINED) return false;
    this.#waiting.push({ response, work });
    return true;
  }

  /** The request in turn is answered. */
  next(): void {
    const following = this.#waiting.shift();
    this.#current = following?.response;
    following?.work();
  }

  /** Breaks off what is done for this browser. */
  giveUp(): void {
    this.#waiting.length = 0;
    this.#gone.abort();
    this.#authenticated?.upstreams.destroy();
  }
}
