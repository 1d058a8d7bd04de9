import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '@culvert/base';
import { type DialLinkOptions, type Link, LinkRefused } from '@culvert/link';
import { type Advice, Feature, type LinkEnd, type OpenRequest, type PendingStream, type Stream } from '@culvert/mux';
import type { AgentEvent } from '../src/events.ts';

/** A clock that stands still until told; timers run in order when it moves. */
export class ManualClock implements Clock {
  #nowMs = 1_000_000;
  readonly #timers = new Set<{ at: number; run: () => void }>();

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { at: this.#nowMs + delayMs, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get armed(): number {
    return this.#timers.size;
  }

  advance(ms: number): void {
    const until = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#nowMs = due.at;
      due.run();
    }
    this.#nowMs = until;
  }
}

/** Keeps every event, and lets a test wait for the next one of a kind. */
export class EventLog {
  readonly events: AgentEvent[] = [];
  readonly #waiting = new Set<() => void>();
  #read = 0;

  readonly listener = (event: AgentEvent): void => {
    this.events.push(event);
    for (const wake of this.#waiting) wake();
  };

  get names(): string[] {
    return this.events.map(({ event }) => event);
  }

  /** The first event named `name` behind those that were waited for before. */
  async next<N extends AgentEvent['event']>(name: N): Promise<AgentEvent & { event: N }> {
    for (;;) {
      const index = this.events.findIndex((event, at) => at >= this.#read && event.event === name);
      const found = this.events[index];
      if (found && isNamed(found, name)) {
        this.#read = index + 1;
        return found;
      }
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
      });
    }
  }
}

function isNamed<N extends AgentEvent['event']>(event: AgentEvent, name: N): event is AgentEvent & { event: N } {
  return event.event === name;
}

/** A link whose far end is the test. */
export class FakeLink implements Link {
  readonly welcome: Link['welcome'];
  readonly roundTripMs = undefined;
  readonly #closed = Promise.withResolvers<LinkEnd>();
  readonly closed = this.#closed.promise;
  readonly #goAway: ((end: LinkEnd) => void)[] = [];
  readonly #empty: (() => void)[] = [];
  readonly #accept: DialLinkOptions['accept'];
  openStreams = 0;
  readonly queuedBytes = 0;
  /** What the agent closed it with. */
  closedWith: string | undefined;
  /** How often its streams were told to leave. */
  left = 0;
  /** The epochs that CLAIM was sent with. */
  readonly claims: number[] = [];
  readonly #claimed = Promise.withResolvers<number>();

  constructor(options: DialLinkOptions, welcome: { nodeId: string; sessionId: string; epoch: number }) {
    this.#accept = options.accept;
    this.welcome = { ...welcome, boot: 'b1', version: 1, features: Feature.RESUME, deadAfterMs: 12_000 };
    this.#claimed.promise.catch(() => undefined);
    void this.closed.then((end) => this.#claimed.reject(new LinkRefused(end)));
  }

  open(): ReturnType<Link['open']> {
    return Promise.reject(new Error('agents open nothing'));
  }

  resume(): never {
    throw new Error('agents resume nothing');
  }

  leave(): void {
    this.left += 1;
  }

  /** Some promises away from the answer: nobody may count them. */
  async claim(lastEpoch: number): Promise<number> {
    this.claims.push(lastEpoch);
    return this.#claimed.promise;
  }

  onGoAway(listener: (end: LinkEnd) => void): void {
    this.#goAway.push(listener);
  }

  whenEmpty(listener: () => void): void {
    if (this.openStreams === 0) listener();
    else this.#empty.push(listener);
  }

  close(code: LinkEnd['code'] = 'shutting_down', message = 'closed by the agent'): void {
    this.closedWith ??= code;
    this.#closed.resolve({ code, message, final: false });
  }

  // The far end.

  offer(pending: PendingStream): void {
    this.#accept?.(pending);
  }

  askToLeave(advice?: Advice): void {
    const end = { code: 'draining', message: 'the worker drains', final: false } as const;
    for (const listener of this.#goAway) listener(advice === undefined ? end : { ...end, advice });
  }

  claimed(epoch: number): void {
    this.#claimed.resolve(epoch);
  }

  end(end: LinkEnd): void {
    this.#closed.resolve(end);
  }

  empty(): void {
    this.openStreams = 0;
    for (const listener of this.#empty) listener();
  }
}

/** An open, and what was answered. */
export class FakePending implements PendingStream {
  readonly request: OpenRequest;
  readonly answer = Promise.withResolvers<{ code: string; message: string } | 'accepted'>();
  readonly #cancelled: (() => void)[] = [];
  readonly #stream: Stream | undefined;

  constructor(target: { host: string; port: number }, stream?: Stream) {
    this.#stream = stream;
    this.request = { key: new Uint8Array(16), sessionId: 's_1', connectionId: 'c_1', kind: 'connect', ...target };
  }

  accept(): Stream {
    this.answer.resolve('accepted');
    if (!this.#stream) throw new Error('this test accepts nothing');
    return this.#stream;
  }

  refuse(code: string, message: string): void {
    this.answer.resolve({ code, message });
  }

  onCancelled(listener: () => void): void {
    this.#cancelled.push(listener);
  }

  cancel(): void {
    for (const listener of this.#cancelled) listener();
  }
}

export interface ApiCall {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

export type ApiReply = { status: number; body?: unknown; headers?: Record<string, string> };

/** A real HTTP server in the API's place; `reply` decides each answer. */
export async function startFakeApi(reply: (call: ApiCall) => ApiReply | Promise<ApiReply>) {
  const calls: ApiCall[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const call: ApiCall = {
        method: request.method ?? '',
        path: request.url ?? '',
        authorization: request.headers.authorization,
        body: await readJson(request),
      };
      calls.push(call);
      const { status, body, headers } = await reply(call);
      const type = status < 400 ? 'application/json' : 'application/problem+json';
      response.writeHead(status, { 'content-type': type, ...headers });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP listener has no other kind of address
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body === '' ? undefined : JSON.parse(body);
}

export function sessionAnswer(
  id: string,
  link = { url: 'ws://w1.test/link', ticket: 'ticket-1', node: 'w1' },
): ApiReply {
  return {
    status: 201,
    body: {
      id,
      name: null,
      tenant: 't1',
      link: { ...link, expiresAt: '2030-01-01T00:00:00.000Z' },
      proxy: { url: 'http://127.0.0.1:9999', username: id, password: 'secret', pac: `http://api.test/${id}.pac` },
    },
  };
}

export function problem(status: number, code: string, headers: Record<string, string> = {}): ApiReply {
  return {
    status,
    headers,
    body: { type: `urn:culvert:${code}`, title: code, status, code, detail: `${code}, says the test` },
  };
}
