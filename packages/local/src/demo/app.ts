import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { echo, hello, sendBytes, sendSlowly, sendStatus, sendTicks } from './endpoints.ts';
import { page } from './page.ts';

/** The largest WebSocket message that is echoed. */
const MAX_MESSAGE_BYTES = 16 * 1_048_576;

export interface DemoApp {
  readonly port: number;
  /** Breaks off what is open and stops. */
  close(): Promise<void>;
}

/** A small private web app on loopback: a page that explains itself, and endpoints that tests use. Port 0 = any free. */
export async function startDemoApp(options: { readonly port?: number } = {}): Promise<DemoApp> {
  const server = createServer({ requestTimeout: 0 }, (request, response) => route(request, response));
  const sockets = serveWebSockets(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo; // a TCP listener has no other kind of address
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets.clients) socket.terminate();
        server.closeAllConnections();
      }),
  };
}

function route(request: IncomingMessage, response: ServerResponse): void {
  // Clients that go away in the middle are ordinary here.
  response.on('error', () => response.destroy());
  const url = new URL(request.url ?? '/', 'http://demo.invalid');
  const [, first = '', second = ''] = url.pathname.split('/');
  switch (first) {
    case '':
      return sendPage(request, response);
    case 'hello':
      return hello(request, response);
    case 'echo':
      return echo(request, response);
    case 'sse':
      return sendTicks(url, response);
    case 'bytes':
      return sendBytes(url, response);
    case 'slow':
      return sendSlowly(url, response);
    case 'status':
      return sendStatus(second, response);
    default:
      response
        .writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
        .end(`there is no ${url.pathname} here\n`);
  }
}

function sendPage(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self' ws: wss:; form-action 'self'; base-uri 'none'",
  });
  response.end(request.method === 'HEAD' ? undefined : page(request));
}

/** Echoes every message of `/ws`, text as text and binary as binary. */
function serveWebSockets(server: Server): WebSocketServer {
  const sockets = new WebSocketServer({ server, path: '/ws', maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
  sockets.on('connection', (socket: WebSocket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    socket.on('error', () => socket.terminate());
  });
  return sockets;
}
