import { request } from 'node:http';
import type { Socket } from 'node:net';
import { orInterrupted } from './interrupted.ts';
import type { Line } from './line.ts';
import { authorizationOf, codeOf, type TrafficContext } from './traffic.ts';

const TIMEOUT_MS = 60_000;

/** A way to the app that was opened, or not. */
export type Opening =
  | { readonly status: number; readonly code: string | undefined; readonly line: Line | undefined; readonly error: '' }
  | { readonly status: 0; readonly code: undefined; readonly line: undefined; readonly error: string };

/** CONNECT to the app's echo. Rejects with `Interrupted` only. */
export async function openTunnel({ proxy, session, signal }: TrafficContext): Promise<Opening> {
  const authority = `${session.host}:${session.echoPort}`;
  const call = request({
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: proxy.port,
    method: 'CONNECT',
    path: authority,
    agent: false,
    headers: { host: authority, 'proxy-authorization': authorizationOf(session) },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const answered = new Promise<Opening>((resolve) => {
    call.on('error', (error) => resolve({ status: 0, code: undefined, line: undefined, error: codeOf(error) }));
    // Whatever the status: node:http hands the socket over unread.
    call.on('connect', (response, socket, head) => {
      const status = response.statusCode ?? 0;
      const header = response.headers['x-culvert-error'];
      const code = typeof header === 'string' ? header : undefined;
      if (status !== 200) socket.destroy();
      resolve({ status, code, line: status === 200 ? new TunnelLine(socket as Socket, head) : undefined, error: '' });
    });
  });
  call.end();
  // A tunnel that is open in the meantime goes with the call's socket.
  return orInterrupted(signal(), () => void call.destroy(), answered);
}

class TunnelLine implements Line {
  readonly gone: Promise<string>;
  readonly #socket: Socket;

  constructor(socket: Socket, head: Buffer) {
    this.#socket = socket;
    socket.allowHalfOpen = true; // an HTTP client's sockets are not, by default
    socket.setNoDelay(true);
    if (head.length > 0) socket.unshift(head);
    const { promise, resolve } = Promise.withResolvers<string>();
    socket.once('error', (error) => resolve(codeOf(error)));
    socket.once('end', () => resolve('ended_by_the_other_side'));
    socket.once('close', () => resolve('closed'));
    socket.on('error', () => undefined); // the first one is told
    this.gone = promise;
  }

  send(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  onBytes(listener: (bytes: Buffer) => void): void {
    this.#socket.on('data', listener);
  }

  async end(): Promise<void> {
    this.#socket.resume().end(); // an end is not seen by a socket that nobody reads
    const reason = await this.gone;
    if (reason !== 'ended_by_the_other_side') throw new Error(reason);
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
