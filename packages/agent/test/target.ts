import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Readable } from 'node:stream';

/** A private app on loopback: reads to the end of its input, then answers `got <input>`. */
export async function startTarget() {
  const held = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    held.add(socket.on('close', () => held.delete(socket)));
    socket.on('error', () => socket.destroy());
    void collect(socket).then(
      (received) => socket.end(`got ${received}`),
      () => socket.destroy(),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP listener has no other kind of address
  return {
    port,
    /** Resolves once no connection is left; a test that leaks one never gets past it. */
    async empty(): Promise<void> {
      for (const socket of held) await new Promise((resolve) => socket.once('close', resolve));
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

/** All text up to the end. Not `for await`, which would destroy the writable side with the readable one. */
export function collect(stream: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    stream.on('data', (chunk) => {
      received += chunk;
    });
    stream.on('end', () => resolve(received)).on('error', reject);
  });
}

/** A loopback port on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP listener has no other kind of address
  server.close();
  await once(server, 'close');
  return port;
}
