import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WebSocketServer } from 'ws';
import { Keystream } from '../../../support/chaos/keystream.ts';

const PIECE_BYTES = 65_536;
/** Nobody asks for more at once. */
const MAX_BYTES = 2 ** 32;

/** The customers' private application: answers, echoes, and never breaks anything off by itself. */
export interface PrivateApp {
  readonly webPort: number;
  readonly echoPort: number;
  /** Connections that have arrived so far. */
  readonly accepted: number;
  close(): Promise<void>;
}

export async function startPrivateApp(): Promise<PrivateApp> {
  // Connections are ended by whoever opened them: an end of the app's own would look like a loss.
  const web = createHttpServer({ noDelay: true, keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
    response.on('error', () => response.destroy());
    answer(request, response).catch(() => response.destroy());
  });
  const echo = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => void socket.pipe(socket));
  const sockets = new WebSocketServer({ server: web, path: '/ws', perMessageDeflate: false });
  sockets.on('connection', (socket) => {
    socket.on('error', () => socket.terminate());
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  const open = new Set<Socket>();
  let accepted = 0;
  for (const server of [web, echo]) {
    server.on('connection', (socket: Socket) => {
      accepted += 1;
      open.add(socket);
      socket.on('error', () => undefined); // `close` follows
      socket.once('close', () => open.delete(socket));
    });
  }
  const [webPort, echoPort] = [await listen(web), await listen(echo)];
  return {
    webPort,
    echoPort,
    get accepted() {
      return accepted;
    },
    async close() {
      const closed = [web, echo].map((server) => new Promise((resolve) => server.close(resolve)));
      for (const socket of open) socket.destroy();
      await Promise.all(closed);
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, first, name = '', length = '0'] = (request.url ?? '/').split('/');
  if (first === 'echo') {
    const size = request.headers['content-length'];
    response.writeHead(200, size === undefined ? {} : { 'content-length': size });
    return pipeline(request, response);
  }
  request.resume();
  if (first === 'keystream') {
    const bytes = Math.min(MAX_BYTES, Number(length));
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes });
    return pipeline(Readable.from(pieces(name, bytes), { highWaterMark: 1 }), response);
  }
  response.writeHead(first === 'hello' ? 200 : 404, { 'content-type': 'text/plain' });
  response.end(first === 'hello' ? 'hello\n' : 'there is nothing here\n');
}

function* pieces(name: string, bytes: number): Generator<Buffer> {
  const keystream = new Keystream(name);
  for (let left = bytes; left > 0; left -= PIECE_BYTES) yield keystream.take(Math.min(PIECE_BYTES, left));
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0, backlog: 4_096 }, () =>
      resolve((server.address() as AddressInfo).port),
    );
  });
}
