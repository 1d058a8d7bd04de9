import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a private app answers with, and where. */
export interface HelloApp extends AsyncDisposable {
  readonly port: number;
}

/** The smallest private app: answers every request with `words`. */
export async function startHelloApp(words: string): Promise<HelloApp> {
  const server = createServer((_request, response) => void response.end(words));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo; // a TCP listener has no other kind of address
  return {
    port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
