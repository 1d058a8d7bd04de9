import { once } from 'node:events';
import { createServer } from 'node:net';

/** A loopback TCP port that nobody listens on at this moment. For programs that can't be told "any". */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has an address with a port');
  return address.port;
}
