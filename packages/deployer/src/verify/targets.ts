import { createCipheriv, createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { WebSocketServer } from 'ws';

/** Large enough to outgrow every window on the way. */
export const LARGE_BYTES = 8 * 1_048_576;
/** What the WebSocket end takes in one message. */
const MAX_MESSAGE_BYTES = 1_048_576;

/** Where the canary's connections end: servers in this process that answer in ways that can be checked to the byte. */
export class Targets implements AsyncDisposable {
  /** Answers GET with what its query says, sends and takes the large body at `/large`, echoes WebSocket messages. */
  readonly #http: Server;
  /** Sends back every byte. */
  readonly #echo: TcpServer;
  readonly #webSockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  readonly #sockets = new Set<Socket>();

  private constructor() {
    this.#http = createHttpServer((request, response) => void this.#answer(request, response));
    this.#http.on('upgrade', (request, socket, head) => {
      this.#webSockets.handleUpgrade(request, socket, head, (ws) => {
        ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
        ws.on('error', () => ws.terminate());
      });
    });
    this.#echo = createTcpServer((socket) => {
      socket.on('error', () => socket.destroy()); // the check that uses it says what is wrong
      socket.pipe(socket);
    });
    for (const server of [this.#http, this.#echo]) {
      server.on('connection', (socket: Socket) => {
        this.#sockets.add(socket);
        socket.once('close', () => this.#sockets.delete(socket));
      });
    }
  }

  static async start(): Promise<Targets> {
    const targets = new Targets();
    for (const server of [targets.#http, targets.#echo]) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    return targets;
  }

  get httpPort(): number {
    return (this.#http.address() as AddressInfo).port; // it listens on TCP
  }

  get echoPort(): number {
    return (this.#echo.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = [this.#http, this.#echo].map((server) => once(server, 'close'));
    for (const server of [this.#http, this.#echo]) server.close();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://target');
    try {
      if (url.pathname !== '/large') response.end(url.search.slice(1));
      else if (request.method === 'GET') response.end(largeBody());
      else response.end(await digestOf(request));
    } catch {
      response.destroy(); // the body broke off: whoever sent it knows
    }
  }
}

/** The same 8 MiB each time, without any repetition that could hide a piece that was lost or came twice. */
export function largeBody(): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(LARGE_BYTES));
}

/** Length and SHA-256 of what comes. */
export async function digestOf(body: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of body) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return `${bytes} ${hash.digest('hex')}`;
}
