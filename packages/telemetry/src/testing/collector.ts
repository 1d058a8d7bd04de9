import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the OTLP JSON of a request holds, as far as tests ask. */
export interface TracesRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly { key: string; value: Record<string, unknown> }[] };
    readonly scopeSpans: readonly { readonly spans: readonly Record<string, unknown>[] }[];
  }[];
}

export type Answer = (response: ServerResponse) => void;

export const ACCEPT: Answer = (response) => void response.setHeader('content-type', 'application/json').end('{}');

/** A collector of OTLP over HTTP with JSON, on a free port, that answers as it is told. */
export class Collector {
  readonly #server = createServer();
  readonly traces: TracesRequest[] = [];
  /** Bodies of what was told of metrics. */
  readonly metrics: string[] = [];
  /** Requests by path. */
  readonly asked: string[] = [];
  #heard = Promise.withResolvers<void>();
  answer: Answer;

  constructor(answer: Answer = ACCEPT) {
    this.answer = answer;
    this.#server.on('request', async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      this.asked.push(request.url ?? '');
      const body = Buffer.concat(chunks).toString('utf8');
      if (request.url === '/v1/traces') this.traces.push(JSON.parse(body));
      if (request.url === '/v1/metrics') this.metrics.push(body);
      this.#heard.resolve();
      this.#heard = Promise.withResolvers();
      this.answer(response);
    });
  }

  /** Resolves to its URL. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves once `isThere`, looked at after each request. */
  async until(isThere: () => boolean): Promise<void> {
    while (!isThere()) await this.#heard.promise;
  }

  get spans(): Record<string, unknown>[] {
    return this.traces.flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    if (this.#server.listening) await once(this.#server, 'close');
  }
}
