import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Logger, Scope, silentLogger } from '@culvert/base';
import { createKeys, type NodeInfo, type NodeView, Registry, RouteCache } from '@culvert/registry';
import { startRedis, type TestRedis } from '@culvert/registry/testing';
import { ClusterSecret, rootAdminKey, WorkerClient } from '@culvert/service';
import type { FastifyInstance } from 'fastify';
import type { Conductor } from '../chaos/conductor.ts';
import type { LinkVia } from '../deps.ts';
import type { StreamTimes } from '../events/event-stream.ts';
import { LiveNodes } from '../live-nodes.ts';
import { createApiServer } from '../server.ts';
import type { SignInTimes } from '../sign-in/sign-ins.ts';

export const secret = ClusterSecret.parse('a secret for tests that is long enough');

/** A data set is whole as soon as all nodes say so: nobody else is waited for. */
const AT_ONCE = { newMs: 0, lostMs: 0 };

export interface Answer<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; `{}` where there is none. */
  readonly body: T;
}

export interface AskOptions {
  readonly key?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestApiOptions {
  readonly linkVia?: LinkVia;
  readonly now?: () => number;
  readonly logger?: Logger;
  readonly forecastDeadlineMs?: number;
  readonly liveTimes?: Partial<StreamTimes>;
  readonly retiring?: AbortSignal;
  readonly signInTimes?: SignInTimes;
  /** Another API of the same cluster, whose Redis it shares. */
  readonly beside?: TestApi;
  readonly publicUrl?: string;
  /** Rehearsals of failures; unless given, none are allowed. */
  readonly chaos?: (registry: Registry) => Conductor;
}

/** An API over a Redis of its own, asked by HTTP. */
export class TestApi {
  readonly redis: TestRedis;
  readonly registry: Registry;
  readonly server: FastifyInstance;
  readonly url: string;
  readonly #scope: Scope;

  private constructor(scope: Scope, redis: TestRedis, registry: Registry, server: FastifyInstance, url: string) {
    this.#scope = scope;
    this.redis = redis;
    this.registry = registry;
    this.server = server;
    this.url = url;
  }

  static async start(options: TestApiOptions = {}): Promise<TestApi> {
    const { linkVia = 'worker', now = Date.now, logger = silentLogger, forecastDeadlineMs } = options;
    const scope = new Scope();
    const redis = options.beside?.redis ?? (await startRedis());
    if (options.beside === undefined) scope.defer('redis', () => redis.stop());
    const registry = scope.own('registry', Registry.connect({ url: redis.url, logger, ...AT_ONCE }));
    await registry.waitUntilAvailable();
    const server = await createApiServer({
      registry,
      routes: scope.own('routes', new RouteCache(registry, { max: 100, ttlMs: 60_000 })),
      // Each test changes the nodes and wants to see it: nothing is remembered, so no test waits for it to be forgotten.
      nodes: new LiveNodes(registry, freshEachTime()),
      workers: new WorkerClient({ key: rootAdminKey(secret), deadlineMs: 300 }),
      secret,
      logger,
      linkVia,
      publicUrl: () => options.publicUrl ?? 'http://api.test:1',
      now,
      version: '1.2.3',
      ...(forecastDeadlineMs === undefined ? {} : { forecastDeadlineMs }),
      ...(options.signInTimes ? { signInTimes: options.signInTimes } : {}),
      ...(options.liveTimes ? { liveTimes: options.liveTimes } : {}),
      ...(options.retiring ? { retiring: options.retiring } : {}),
      ...(options.chaos ? { chaos: options.chaos(registry) } : {}),
    });
    scope.own('server', server);
    const url = await server.listen({ host: '127.0.0.1', port: 0 });
    return new TestApi(scope, redis, registry, server, url);
  }

  /** One request; with the root admin key unless another is given, and none for an empty one. */
  async ask<T = Record<string, unknown>>(
    method: string,
    path: string,
    { key = rootAdminKey(secret), body, headers = {} }: AskOptions = {},
  ): Promise<Answer<T>> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : {} };
  }

  /** A tenant with a key of this role. */
  async tenant(id: string, role = 'agent', limits: object = {}): Promise<string> {
    const created = await this.ask('POST', '/v1/tenants', { body: { id, limits } });
    if (created.status !== 201 && created.body.code !== 'tenant_exists') throw new Error(`no tenant: ${created.text}`);
    const made = await this.ask<{ key: string }>('POST', `/v1/tenants/${id}/keys`, { body: { role } });
    if (made.status !== 201) throw new Error(`no key: ${made.text}`);
    return made.body.key;
  }

  /** Makes the registry know a node, as if it ran. */
  async node(id: string, more: Partial<NodeInfo> = {}, sessions = 0): Promise<NodeInfo> {
    const node: NodeInfo = { ...workerInfo(id), ...more };
    const load = { state: 'ready', sessions, connections: 0 } as const;
    const reply = await this.registry.beat({ node, load });
    // It has nothing that the directory lacks: what is not there is absent, not yet to come.
    if (reply.outcome === 'ok') await this.registry.beat({ node, load, confirmed: reply.round });
    return node;
  }

  /** A worker whose lease has lapsed. */
  async deadNode(id: string): Promise<NodeView> {
    const { boot } = await this.node(id);
    const socket = connect(this.redis.port, '127.0.0.1');
    socket.write(`ZADD ${createKeys().leases} 1 ${id}#${boot}\r\n`);
    await once(socket, 'data');
    socket.destroy();
    const node = await this.registry.getNode(id);
    if (node?.state !== 'dead') throw new Error(`${id} is not dead`);
    return node;
  }

  /** Makes the registry know that `node` serves a session. */
  async claim(node: NodeInfo, sessionId: string, tenantId: string, name: string | null = null): Promise<void> {
    const reply = await this.registry.claim({
      ...{ sessionId, tenantId, name, node, pool: node.pool, agentId: 'a_test', keyId: 'k', labels: {}, lastEpoch: 0 },
    });
    if (reply.outcome !== 'claimed') throw new Error(`the claim was refused: ${reply.reason}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }
}

function workerInfo(id: string): NodeInfo {
  return {
    ...{ id, boot: `${id}-boot`, role: 'worker', version: '1', pool: 'default', host: 'h', pid: 1, capacity: 10 },
    ...{
      admissionRate: 1_000,
      admin: 'http://127.0.0.1:9',
      proxy: `http://${id}.test:3128`,
      link: `ws://${id}.test:7000`,
    },
  };
}

/** A clock on which everything is an hour older at each look. */
function freshEachTime(): () => number {
  let now = 0;
  return () => {
    now += 3_600_000;
    return now;
  };
}

export interface StandInWorker extends AsyncDisposable {
  readonly admin: string;
  /** `METHOD path Authorization`, and what was sent with it, if anything. */
  readonly asked: string[];
}

export interface StandInReply {
  readonly status: number;
  /** A function is given what was sent. */
  readonly body?: unknown;
  /** Runs once the request is there, and is waited for before the answer. */
  readonly before?: () => Promise<void>;
}

/** Answers like a worker's admin endpoints, with these answers by `METHOD path`. */
export async function standInWorker(replies: Readonly<Record<string, StandInReply>>): Promise<StandInWorker> {
  const asked: string[] = [];
  const server: Server = createServer(async (request, response) => {
    const what = `${request.method} ${request.url}`;
    const sent = await text(request);
    asked.push(`${what} ${request.headers.authorization}${sent === '' ? '' : ` ${sent}`}`);
    const reply = replies[what];
    if (!reply) return; // says nothing, like a worker that hangs
    await reply.before?.();
    response.writeHead(reply.status, { 'content-type': 'application/json' });
    const body = typeof reply.body === 'function' ? reply.body(sent) : reply.body;
    response.end(body === undefined ? undefined : JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return {
    admin: `http://127.0.0.1:${address.port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
