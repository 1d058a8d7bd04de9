import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** A private service on loopback that a test's agent reaches. Disposing of it cuts what is still connected. */
export interface Target extends AsyncDisposable {
  readonly port: number;
  /** What is connected now. */
  readonly sockets: ReadonlySet<Socket>;
  /** Connections accepted so far. */
  readonly accepted: number;
}

/** A service of bytes. Sockets stay half-open when their peer ends. */
export function startTcpTarget(onSocket: (socket: Socket) => void): Promise<Target> {
  return listen(createServer({ allowHalfOpen: true, noDelay: true }, onSocket));
}

/** A web application; `prepare` is for what a listener alone cannot do: upgrades, `checkContinue` … */
export function startWebTarget(listener: RequestListener, prepare?: (server: HttpServer) => void): Promise<Target> {
  const server = createHttpServer({ noDelay: true }, listener);
  prepare?.(server);
  return listen(server);
}

async function listen(server: Server): Promise<Target> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    // What a browser breaks off is reset here too; `close` follows and is what tests look at.
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ host: '127.0.0.1', port: 0, backlog: 1_024 }, resolve);
  });
  const { port } = server.address() as AddressInfo; // a TCP listener has no other kind of address
  return {
    port,
    sockets,
    get accepted() {
      return accepted;
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
