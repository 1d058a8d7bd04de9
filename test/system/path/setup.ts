import assert from 'node:assert/strict';
import { type OutgoingHttpHeaders, request } from 'node:http';
import type { Socket } from 'node:net';
import { RawClient } from '@culvert/edge/testing';
import { type AgentOptions, type Cluster, createKey, ensureTenant, type ManagedProcess } from '@culvert/local';
import { type ServingAgent, serveWith } from '../../support/agent-process.ts';
import { connectVia, credentialsOf, getVia } from '../../support/proxy-client.ts';
import { startWebTarget } from '../../support/targets/target.ts';
import { openCluster, type TestCluster, type TestClusterOptions } from '../../support/with-cluster.ts';
import { expectLevels, type Levels, levelsOf } from './levels.ts';

/** The two addresses that a browser may be given: the gateway's, or the owner's own. */
export const WAYS = ['gateway', 'direct'] as const;
export type Way = (typeof WAYS)[number];

/** A name that only the agent resolves. */
export const HOST = 'app.internal';
const TENANT = 'path';

export interface PathOptions {
  readonly cluster?: TestClusterOptions;
  readonly agent?: Partial<AgentOptions>;
}

/** A cluster, one agent, and the two ways to it. Suites open one in `before` and end it in `after`. */
export class Path {
  readonly test: TestCluster;
  readonly agent: ServingAgent;
  /** An agent key of the tenant. */
  readonly key: string;
  /** As everything was when nothing had been done but one request each way. */
  #start: Levels = {};

  private constructor(test: TestCluster, key: string, agent: ServingAgent) {
    this.test = test;
    this.key = key;
    this.agent = agent;
  }

  static async open(options: PathOptions = {}): Promise<Path> {
    const test = await openCluster({ workers: 2, gateways: 1, ...options.cluster });
    try {
      await ensureTenant(test.cluster.api, TENANT);
      const { key } = await createKey(test.cluster.api, TENANT, 'agent', 'of a path test');
      const hosts = { [HOST]: '127.0.0.1', ...options.agent?.hosts };
      const agent = await serveWith(test.cluster, { key, allow: Object.keys(hosts), ...options.agent, hosts });
      const path = new Path(test, key, agent);
      await path.#warmUp();
      return path;
    } catch (error) {
      await test.cluster.stop();
      throw error;
    }
  }

  end(): Promise<void> {
    return this.test.end();
  }

  get cluster(): Cluster {
    return this.test.cluster;
  }

  get gateway(): ManagedProcess {
    return find(this.cluster.gateways, 'gateway-1');
  }

  /** The worker that owns the session. */
  get owner(): ManagedProcess {
    return this.worker(this.agent.node);
  }

  worker(id: string): ManagedProcess {
    return find(this.cluster.workers, id);
  }

  /** The processes that a byte passes. */
  get hops(): readonly ManagedProcess[] {
    return [this.gateway, this.owner, this.agent.process];
  }

  /** The proxy URL of that way, with the session's credentials, or with those of another agent. */
  proxy(way: Way, agent: ServingAgent = this.agent): string {
    if (way === 'gateway') return agent.proxy;
    const url = new URL(agent.proxy);
    url.host = new URL(this.worker(agent.node).address('proxy')).host;
    return url.href;
  }

  /** A TCP connection to the proxy, for tests that write HTTP themselves. */
  client(way: Way): Promise<RawClient> {
    return RawClient.connect(Number(new URL(this.proxy(way)).port));
  }

  /** The request line and header section that ask for `http://app.internal:port` by absolute URI. */
  head(method: string, port: number, path = '/', fields: readonly string[] = []): string {
    const lines = [
      `${method} http://${HOST}:${port}${path} HTTP/1.1`,
      `Host: ${HOST}:${port}`,
      `Proxy-Authorization: ${this.authorization}`,
      ...fields,
    ];
    return `${lines.join('\r\n')}\r\n\r\n`;
  }

  /** An open CONNECT tunnel to a port, for tests that want to see its bytes. */
  async rawTunnel(way: Way, port: number, agent: ServingAgent = this.agent): Promise<RawClient> {
    const client = await this.client(way);
    const authority = `${HOST}:${port}`;
    const fields = `Host: ${authority}\r\nProxy-Authorization: ${authorizationOf(agent)}\r\n`;
    client.send(`CONNECT ${authority} HTTP/1.1\r\n${fields}\r\n`);
    assert.match(await client.takeThrough('\r\n\r\n'), /^HTTP\/1\.1 200 /);
    return client;
  }

  /** An open CONNECT tunnel as a plain socket, paused. */
  async tunnel(way: Way, port: number): Promise<Socket> {
    const { answer, socket } = await connectVia(this.proxy(way), `${HOST}:${port}`);
    assert.equal(answer.status, 200);
    return socket;
  }

  /** One request by absolute URI, over a connection of its own; the caller ends it. */
  request(way: Way, port: number, options: { method?: string; path?: string; headers?: OutgoingHttpHeaders } = {}) {
    const { method = 'GET', path = '/', headers = {} } = options;
    const proxy = new URL(this.proxy(way));
    return request({
      host: proxy.hostname,
      port: proxy.port,
      method,
      path: `http://${HOST}:${port}${path}`,
      agent: false,
      headers: { host: `${HOST}:${port}`, 'proxy-authorization': this.authorization, ...headers },
    });
  }

  /** Everything that a suite opened is closed again, in every process of the path. */
  expectNothingLeft(): Promise<void> {
    return expectLevels(this, this.#start);
  }

  get authorization(): string {
    return authorizationOf(this.agent);
  }

  /** Links are up and code is loaded before anything is measured. */
  async #warmUp(): Promise<void> {
    await using target = await startWebTarget((_request, response) => void response.end('warm'));
    for (const way of WAYS) {
      assert.equal((await getVia(this.proxy(way), `http://${HOST}:${target.port}/`)).body, 'warm');
      (await this.tunnel(way, target.port)).destroy();
    }
    // The API keeps its connection to the worker for a while.
    await this.cluster.api.call('GET', `/sessions/${this.agent.sessionId}/connections`);
    this.#start = await levelsOf(this);
  }
}

function find(processes: readonly ManagedProcess[], id: string): ManagedProcess {
  const found = processes.find((process) => process.id === id);
  assert.ok(found, `there is no ${id}`);
  return found;
}

function authorizationOf({ proxy }: ServingAgent): string {
  const { username, password } = credentialsOf(proxy);
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
