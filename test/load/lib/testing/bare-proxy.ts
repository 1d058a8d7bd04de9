import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** A proxy without a cluster behind it, that does to its connections what a test wants. */
export interface BareProxy extends AsyncDisposable {
  readonly url: URL;
  /** Refuse what comes from now on with that code, as Culvert does; undefined: no more. */
  refuse(code: string | undefined): void;
  /** Breaks off every connection to the app. */
  cut(): void;
  /** Breaks off answers when so many bytes of their body have passed. */
  cutAnswers(afterBytes: number): void;
}

export async function startBareProxy(): Promise<BareProxy> {
  let refusal: string | undefined;
  let cutAfter = Number.POSITIVE_INFINITY;
  const upstream = new Set<Socket>();
  const open = (port: string): Socket => {
    const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    upstream.add(socket);
    socket.once('close', () => upstream.delete(socket)).on('error', () => undefined);
    return socket;
  };
  const pass = (incoming: IncomingMessage, response: ServerResponse): void => {
    if (refusal !== undefined) return void response.writeHead(503, { 'x-culvert-error': refusal }).end();
    const url = new URL(incoming.url ?? '');
    const { method, headers } = incoming;
    const call = request({ method, headers, path: url.pathname, createConnection: () => open(url.port) });
    call.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      let passed = 0;
      answer.on('data', (bytes: Buffer) => {
        passed += bytes.length;
        if (passed > cutAfter) call.destroy();
      });
      answer.on('error', () => response.destroy()).pipe(response);
    });
    call.on('error', () => response.destroy());
    incoming.pipe(call);
  };
  const server = createServer({ keepAliveTimeout: 0 }, pass);
  server.on('connect', (incoming, browser: Socket) => {
    if (refusal !== undefined) return void browser.end(`HTTP/1.1 503 No\r\nX-Culvert-Error: ${refusal}\r\n\r\n`);
    const app = open(new URL(`http://${incoming.url}`).port);
    browser.allowHalfOpen = true;
    browser.on('error', () => app.destroy()).on('close', () => app.destroy());
    app.on('close', () => browser.destroy());
    app.once('connect', () => {
      browser.write('HTTP/1.1 200 OK\r\n\r\n');
      browser.pipe(app).pipe(browser);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    refuse: (code) => {
      refusal = code;
    },
    cut: () => {
      for (const socket of upstream) socket.destroy();
    },
    cutAnswers: (afterBytes) => {
      cutAfter = afterBytes;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      for (const socket of upstream) socket.destroy();
      await closed;
    },
  };
}
