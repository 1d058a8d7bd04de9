import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** The two ends of a real TCP connection on loopback, both half-open. */
export interface TcpPair {
  readonly near: Socket;
  readonly far: Socket;
}

export async function tcpPair(): Promise<TcpPair> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  const accepted = once(server, 'connection');
  const near = connect({ port: address.port, host: '127.0.0.1', allowHalfOpen: true });
  await once(near, 'connect');
  const [far] = (await accepted) as [Socket];
  server.close();
  return { near, far };
}

/** Resolves with everything that comes, once the other side has ended. Rejects when the socket breaks. */
export async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'end');
  return Buffer.concat(chunks);
}

/** Sockets of this process that are open now. */
export function openSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
}

/** Longer than any socket of a link may take to close. */
const LEFT_BEHIND_MS = 3_000;

/** A leak check: resolves once this process has no socket open, and rejects when one stays. */
export async function noSocketsLeft(): Promise<void> {
  const until = performance.now() + LEFT_BEHIND_MS;
  while (openSockets() > 0) {
    if (performance.now() > until) throw new Error(`${openSockets()} sockets were left behind`);
    await new Promise(setImmediate);
  }
}
