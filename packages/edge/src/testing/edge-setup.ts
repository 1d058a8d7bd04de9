import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { CulvertError, type LogFields, type Logger } from '@culvert/base';
import { loggedConnections } from '../logged-connections.ts';
import { ObservedConnections } from '../observed-connections.ts';
import type { EdgeObserver } from '../observer.ts';
import type { ProxyOptions } from '../options.ts';
import { createProxyServer, type ProxyServer } from '../proxy-server.ts';
import type { Credentials } from '../resolver.ts';
import { LoopbackAgent, type LoopbackAgentOptions } from './loopback-agent.ts';
import { RawClient } from './raw-client.ts';

export const SESSION = 's_one';
export const AUTH = `Proxy-Authorization: Basic ${Buffer.from(`${SESSION}:secret`).toString('base64')}\r\n`;

/** A logger that keeps its lines. */
export function recordingLogger(lines: LogFields[]): Logger {
  const keep = (fields: LogFields): void => {
    lines.push(fields);
  };
  const logger: Logger = { debug: keep, info: keep, warn: keep, error: keep, child: () => logger };
  return logger;
}

export interface EdgeSetupOptions {
  readonly proxy?: Partial<ProxyOptions>;
  readonly agent?: LoopbackAgentOptions;
}

/** A proxy server with one session, `s_one:secret`, and an agent that reaches this machine. */
export class EdgeSetup implements AsyncDisposable {
  readonly agent: LoopbackAgent;
  readonly lines: LogFields[] = [];
  readonly counts: string[] = [];
  readonly resolved: Credentials[] = [];
  readonly proxy: ProxyServer;
  port = 0;
  readonly #ends: (() => unknown)[] = [];

  private constructor(options: EdgeSetupOptions) {
    this.agent = new LoopbackAgent({ names: { 'app.internal': '127.0.0.1' }, ...options.agent });
    const logger = recordingLogger(this.lines);
    const counting: EdgeObserver = {
      connecting: ({ kind }) => ({
        opened: () => this.counts.push(`opened ${kind}`),
        failed: () => undefined,
        detached: () => undefined,
        resumed: () => undefined,
        lost: () => undefined,
        closed: ({ reason }) => this.counts.push(`closed ${kind} ${reason}`),
      }),
      refused: (code) => this.counts.push(`refused ${code}`),
    };
    const observed = new ObservedConnections(counting, loggedConnections(logger));
    this.proxy = createProxyServer({
      resolver: { resolve: (credentials) => this.#resolve(credentials) },
      logger,
      observed,
      ...options.proxy,
    });
  }

  static async start(options: EdgeSetupOptions = {}): Promise<EdgeSetup> {
    const setup = new EdgeSetup(options);
    setup.port = (await setup.proxy.listen({ host: '127.0.0.1', port: 0 })).port;
    return setup;
  }

  async client(): Promise<RawClient> {
    const client = await RawClient.connect(this.port);
    this.#ends.push(() => client.close());
    return client;
  }

  /** Sends a text to the proxy on a connection of its own and reads one answer. */
  async ask(text: string): Promise<Awaited<ReturnType<RawClient['answer']>> & { client: RawClient }> {
    const client = await this.client();
    client.send(text);
    return { ...(await client.answer()), client };
  }

  /** A private web application; the port it listens on. */
  async web(listener: RequestListener, prepare?: (server: HttpServer) => void): Promise<number> {
    const server = createHttpServer(listener);
    prepare?.(server);
    return this.#listen(server, () => server.closeAllConnections());
  }

  /** A private TCP service that keeps half-open connections. */
  async tcp(listener: (socket: Socket) => void): Promise<number> {
    const sockets = new Set<Socket>();
    const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => undefined);
      listener(socket);
    });
    return this.#listen(server, () => {
      for (const socket of sockets) socket.destroy();
    });
  }

  /** The first log line of an event, once it is there. */
  async line(event: string): Promise<LogFields> {
    for (;;) {
      const found = this.lines.find((line) => line.event === event);
      if (found !== undefined) return found;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy.close();
    await this.agent.idle();
    this.agent.close();
    for (const end of this.#ends) await end();
    if (this.proxy.connections !== 0) throw new Error('the proxy leaks browser connections');
  }

  async #listen(server: Server, cut: () => void): Promise<number> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#ends.push(() => {
      server.close();
      cut();
    });
    return (server.address() as AddressInfo).port;
  }

  async #resolve(credentials: Credentials): Promise<ReturnType<LoopbackAgent['tunnel']>> {
    this.resolved.push(credentials);
    if (credentials.password === 'offline') {
      throw new CulvertError('session_offline', 'No agent serves this session.', { retryAfterSeconds: 1 });
    }
    if (credentials.password !== 'secret') throw new CulvertError('proxy_auth_required');
    return this.agent.tunnel(credentials.username);
  }
}
