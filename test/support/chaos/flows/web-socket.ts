import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { withDeadline } from '@culvert/base';
import WebSocket, { WebSocketServer } from 'ws';
import { credentialsOf } from '../../proxy-client.ts';
import { startWebTarget, type Target } from '../../targets/target.ts';
import type { Flow } from '../flow.ts';
import { Keystream } from '../keystream.ts';
import { Progress } from '../progress.ts';

const MESSAGE_BYTES = 200;
const END_DEADLINE_MS = 15_000;
const DONE = 4001;

export interface WebSocketOptions {
  readonly kind: string;
  readonly way: string;
  /** Of the bytes. */
  readonly name: string;
  /** With its credentials, if it asks for any. */
  readonly proxy: string;
  /** `ws://host:port/`, of an echo. */
  readonly target: string;
  readonly periodMs: number;
}

/** A WebSocket through a proxy that sends a message every so often, and gets each back. */
export class WebSocketFlow implements Flow {
  readonly kind: string;
  readonly way: string;
  readonly #socket: WebSocket;
  readonly #progress: Progress;
  #timer: NodeJS.Timeout | undefined;
  #sent = 0;
  #echoed = 0;
  #wrong = 0;
  #ending = false;
  #lost: Error | undefined;

  private constructor({ kind, way, name, proxy, target, periodMs }: WebSocketOptions) {
    this.kind = kind;
    this.way = way;
    this.#progress = new Progress(periodMs);
    this.#socket = dial(proxy, target);
    const expected = new Keystream(name);
    this.#socket.on('message', (data: Buffer) => {
      this.#wrong += expected.wrongIn(data) + Math.abs(data.length - MESSAGE_BYTES);
      this.#echoed += 1;
      this.#progress.reach(this.#echoed);
    });
    let reason = 'the WebSocket was closed';
    this.#socket.on('error', (error) => {
      reason = `the WebSocket failed with ${error.message}`;
    });
    this.#socket.on('close', (code) => this.#lose(new Error(`${reason} (${code})`)));
  }

  /** Resolves when the first message has come back. */
  static async open(options: WebSocketOptions): Promise<WebSocketFlow> {
    const flow = new WebSocketFlow(options);
    const bytes = new Keystream(options.name);
    const send = (): void => {
      if (flow.#socket.readyState !== WebSocket.OPEN) return;
      flow.#sent += 1;
      flow.#socket.send(bytes.take(MESSAGE_BYTES));
    };
    flow.#timer = setInterval(send, options.periodMs);
    try {
      await withDeadline(END_DEADLINE_MS, 'the first echo', () => flow.#progress.when(1));
    } catch (error) {
      flow.destroy();
      throw error;
    }
    return flow;
  }

  get wrong(): number {
    return this.#wrong;
  }

  get lost(): Error | undefined {
    return this.#lost;
  }

  passed(): Promise<void> {
    return this.#progress.when(this.#sent + 1);
  }

  watch(): void {
    this.#progress.watch();
  }

  gapMs(): number {
    return this.#progress.gapMs();
  }

  async finish(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#lost) throw this.#lost;
    try {
      await withDeadline(END_DEADLINE_MS, `the end of the ${this.kind}`, async (signal) => {
        await this.#progress.when(this.#sent);
        this.#ending = true;
        const closed = once(this.#socket, 'close', { signal });
        this.#socket.close(DONE);
        const [code] = await closed;
        if (code !== DONE) throw new Error(`the WebSocket was closed with ${code} instead of ${DONE}`);
      });
    } catch (error) {
      this.#ending = false;
      this.#lose(error as Error); // whatever was thrown here is ours
      throw error;
    } finally {
      this.destroy();
    }
  }

  destroy(): void {
    this.#ending = true;
    clearInterval(this.#timer);
    this.#socket.terminate();
  }

  #lose(error: Error): void {
    clearInterval(this.#timer);
    if (this.#ending || this.#lost) return;
    this.#lost = error;
    this.#progress.fail(error);
  }
}

/** By absolute URI, as a browser without TLS does it. */
function dial(proxy: string, target: string): WebSocket {
  const { hostname, port } = new URL(proxy);
  const { username, password } = credentialsOf(proxy);
  const credentials = Buffer.from(`${username}:${password}`).toString('base64');
  return new WebSocket(target, {
    perMessageDeflate: false,
    createConnection: () => connect(Number(port), hostname),
    headers: username === '' ? {} : { 'proxy-authorization': `Basic ${credentials}` },
    finishRequest: (request) => {
      request.path = target;
      request.end();
    },
  });
}

/** A WebSocket application that says everything back, and closes as it was closed. */
export function startWebSocketEcho(): Promise<Target> {
  const echo = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  echo.on('connection', (socket) => {
    socket.on('error', () => undefined); // `close` follows
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  return startWebTarget(
    (_request, response) => void response.writeHead(426).end(),
    (server) =>
      server.on('upgrade', (request, socket: Socket, head) => {
        echo.handleUpgrade(request, socket, head, (client) => echo.emit('connection', client, request));
      }),
  );
}
