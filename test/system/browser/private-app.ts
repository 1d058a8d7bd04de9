import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { WebSocketServer } from 'ws';

/** The events of `/events`; each is sent only after the page has told that it got the one before. */
export const EVENTS = 3;

export interface PrivateApp extends AsyncDisposable {
  readonly port: number;
}

const PAGE = `<!doctype html>
<title>A private app</title>
<h1>A private app</h1>
<form method="post" action="/form"><input name="said"><button>Send</button></form>
<a href="/download" download>Download</a>`;

/** What browsers do to web apps, from the app's side. With `tls`, over HTTPS. */
export async function startPrivateApp(tls?: { readonly cert: string; readonly key: string }): Promise<PrivateApp> {
  const acknowledged = new Acknowledgements();
  const listener: RequestListener = (request, response) => {
    route(request, response, acknowledged).catch(() => response.destroy());
  };
  const server = tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener);
  const sockets = new WebSocketServer({ server, path: '/ws' });
  sockets.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo; // a TCP listener has no other kind of address
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The bytes of `/download`. */
export function downloadBytes(): Buffer {
  return Buffer.from(Array.from({ length: 3_000_001 }, (_, at) => (at * 31 + (at >>> 9)) & 0xff));
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  acknowledged: Acknowledgements,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://app.invalid');
  switch (`${request.method} ${pathname}`) {
    case 'GET /':
      response.setHeader('content-type', 'text/html; charset=utf-8').end(PAGE);
      return;
    case 'POST /form': {
      const said = new URLSearchParams(await text(request)).get('said') ?? '';
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(`<!doctype html><title>Said</title><p id="said">${encodeURIComponent(said)}</p>`);
      return;
    }
    case 'PUT /json':
      response.setHeader('content-type', 'application/json').end(await text(request));
      return;
    case 'POST /upload': {
      const hash = createHash('sha256');
      let bytes = 0;
      for await (const chunk of request) {
        hash.update(chunk);
        bytes += chunk.length;
      }
      response.end(JSON.stringify({ bytes, sha256: hash.digest('hex') }));
      return;
    }
    case 'GET /download':
      response.setHeader('content-disposition', 'attachment; filename="report.bin"').end(downloadBytes());
      return;
    case 'GET /events':
      return sendEvents(response, acknowledged);
    case 'POST /events/got':
      acknowledged.take(Number(searchParams.get('n')));
      response.writeHead(204).end();
      return;
    default:
      response.writeHead(404).end();
  }
}

/** A proxy that held events back would make this wait for ever. */
async function sendEvents(response: ServerResponse, acknowledged: Acknowledgements): Promise<void> {
  response.setHeader('content-type', 'text/event-stream');
  for (let n = 1; n <= EVENTS; n += 1) {
    const got = acknowledged.next(n);
    response.write(`id: ${n}\ndata: event ${n}\n\n`);
    await got;
  }
  response.end();
}

class Acknowledgements {
  readonly #waiting = new Map<number, () => void>();

  next(n: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(n, resolve);
    });
  }

  take(n: number): void {
    this.#waiting.get(n)?.();
  }
}
