import { connect } from 'node:net';
import WebSocket from 'ws';
import type { Opening } from './connect.ts';
import { orInterrupted } from './interrupted.ts';
import type { Line } from './line.ts';
import { authorizationOf, codeOf, type TrafficContext } from './traffic.ts';

const TIMEOUT_MS = 60_000;
/** The app closes as it was closed: who gets this code back knows that the close went all the way. */
const DONE = 4001;

/** A WebSocket to the app's echo, by absolute URI, as a browser without TLS does it. Rejects with `Interrupted` only. */
export async function openWebSocket({ proxy, session, signal }: TrafficContext): Promise<Opening> {
  const url = `ws://${session.host}:${session.webPort}/ws`;
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    handshakeTimeout: TIMEOUT_MS,
    createConnection: () =>
      connect({ port: Number(proxy.port), host: proxy.hostname.replace(/^\[|\]$/g, ''), noDelay: true }),
    headers: { 'proxy-authorization': authorizationOf(session) },
    finishRequest: (request) => {
      request.path = url;
      request.end();
    },
  });
  const line = new WebSocketLine(socket);
  const answered = new Promise<Opening>((resolve) => {
    socket.once('open', () => resolve({ status: 101, code: undefined, line, error: '' }));
    socket.once('unexpected-response', (request, response) => {
      const header = response.headers['x-culvert-error'];
      const code = typeof header === 'string' ? header : undefined;
      resolve({ status: response.statusCode ?? 0, code, line: undefined, error: '' });
      request.destroy();
    });
    socket.once('error', (error) => resolve({ status: 0, code: undefined, line: undefined, error: codeOf(error) }));
  });
  return orInterrupted(signal(), () => socket.terminate(), answered);
}

class WebSocketLine implements Line {
  readonly gone: Promise<string>;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    const { promise, resolve } = Promise.withResolvers<string>();
    socket.on('error', (error) => resolve(codeOf(error)));
    socket.once('close', (code) => resolve(`closed_${code}`));
    this.gone = promise;
  }

  send(bytes: Buffer): void {
    this.#socket.send(bytes);
  }

  onBytes(listener: (bytes: Buffer) => void): void {
    // Binary messages come as one Buffer: `binaryType` is as it is by default.
    this.#socket.on('message', (data) => listener(data as Buffer));
  }

  async end(): Promise<void> {
    this.#socket.close(DONE);
    const reason = await this.gone;
    if (reason !== `closed_${DONE}`) throw new Error(reason);
  }

  destroy(): void {
    this.#socket.terminate();
  }
}
