import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Address } from './fault-relay.ts';

const DEADLINE_MS = 15_000;

/** Where a link is dialed instead of where the API says. */
export type Detour = (link: Address) => Address | Promise<Address>;

/**
 * The routing API for one agent, with other addresses for its links: so whatever is between the agent and its workers
 * can be put there without either of them knowing.
 */
export class ApiRelay implements AsyncDisposable {
  readonly #api: URL;
  readonly #detour: Detour;
  readonly #server = createServer((incoming, response) => {
    this.#serve(incoming, response).catch((error: Error) => response.writeHead(502).end(error.message));
  });

  private constructor(api: string, detour: Detour) {
    this.#api = new URL(api);
    this.#detour = detour;
  }

  static async start(api: string, detour: Detour): Promise<ApiRelay> {
    const relay = new ApiRelay(api, detour);
    await new Promise<void>((resolve, reject) => {
      relay.#server.once('error', reject).listen({ host: '127.0.0.1', port: 0 }, resolve);
    });
    return relay;
  }

  get address(): Address {
    const { port } = this.#server.address() as AddressInfo; // a TCP listener has no other kind of address
    return { host: '127.0.0.1', port };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url, headers } = incoming;
    const call = request(new URL(url ?? '/', this.#api), {
      method,
      headers: { ...headers, host: this.#api.host },
      agent: false,
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const answered = Promise.withResolvers<IncomingMessage>();
    call.on('response', answered.resolve).on('error', answered.reject);
    incoming.pipe(call);
    const answer = await answered.promise;
    const { 'content-length': _, ...rest } = answer.headers;
    if (!/\bjson\b/.test(rest['content-type'] ?? '')) {
      response.writeHead(answer.statusCode ?? 502, rest);
      answer.pipe(response);
      return;
    }
    const body = Buffer.from(JSON.stringify(await this.#detoured(await json(answer))));
    response.writeHead(answer.statusCode ?? 502, { ...rest, 'content-length': body.length }).end(body);
  }

  /** A link's URL is known by the ticket beside it. */
  async #detoured(value: unknown): Promise<unknown> {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return Promise.all(value.map((item) => this.#detoured(item)));
    const fields = Object.entries(value).map(async ([name, field]) => [name, await this.#detoured(field)] as const);
    const copy: Record<string, unknown> = Object.fromEntries(await Promise.all(fields));
    if (typeof copy.url === 'string' && typeof copy.ticket === 'string') copy.url = await this.#detourOf(copy.url);
    return copy;
  }

  async #detourOf(link: string): Promise<string> {
    const url = new URL(link);
    const { host, port } = await this.#detour({ host: url.hostname, port: Number(url.port) });
    url.hostname = host;
    url.port = String(port);
    return url.href;
  }
}
