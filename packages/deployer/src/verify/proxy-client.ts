import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { CulvertError, toErrorCode } from '@culvert/base';

/** A way to a session: a proxy, and the credentials that it asks for. */
export interface Way {
  /** Id of the node whose proxy it is. */
  readonly node: string;
  /** `http://host:port`. */
  readonly proxy: string;
  readonly username: string;
  readonly password: string;
  /** Told when the proxy has answered that the connection is open: how long after it was asked for, ms. */
  readonly onOpened?: (ms: number) => void;
}

export interface Asked {
  readonly method: 'GET' | 'POST';
  /** Absolute, http: only. */
  readonly url: string;
  readonly body?: Buffer;
}

/** Asks by absolute URI. Resolves to the answer, of status 200, not read yet; rejects with the code that the proxy gave. */
export async function ask(way: Way, { method, url, body }: Asked, signal: AbortSignal): Promise<IncomingMessage> {
  const askedMs = performance.now();
  const call = callTo(way, method, url, new URL(url).host, signal);
  call.end(body);
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  if (response.statusCode === 200) {
    way.onOpened?.(performance.now() - askedMs);
    return response;
  }
  response.destroy();
  throw refusalOf(response);
}

/** A tunnel to `authority` (`host:port`). Rejects with the code that the proxy gave; whoever asks ends the socket. */
export async function tunnel(way: Way, authority: string, signal: AbortSignal): Promise<Socket> {
  const askedMs = performance.now();
  const call = callTo(way, 'CONNECT', authority, authority, signal);
  call.end();
  // An answer to CONNECT is always a `connect` event, of whatever status.
  const [response, socket, head] = (await once(call, 'connect')) as [IncomingMessage, Socket, Buffer];
  if (response.statusCode !== 200) {
    socket.destroy();
    throw refusalOf(response);
  }
  way.onOpened?.(performance.now() - askedMs);
  socket.on('error', () => undefined); // whoever reads from it is told
  if (head.length > 0) socket.unshift(head);
  const abort = (): void => void socket.destroy(signal.reason instanceof Error ? signal.reason : undefined);
  signal.addEventListener('abort', abort, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', abort));
  return socket;
}

/** The next `length` bytes. Rejects with `target_reset` when the other side ends before. */
export function take(socket: Socket, length: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const over = (): void => reject(socket.errored ?? new CulvertError('target_reset', `it ended after ${bytes} bytes`));
  const hear = (chunk: Buffer): void => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes < length) return;
    socket.pause();
    const all = Buffer.concat(chunks);
    if (bytes > length) socket.unshift(all.subarray(length));
    resolve(all.subarray(0, length));
  };
  if (socket.readableEnded || socket.destroyed) over();
  socket.on('data', hear).on('end', over).on('close', over).resume();
  return promise.finally(() => socket.off('data', hear).off('end', over).off('close', over));
}

function callTo(way: Way, method: string, path: string, host: string, signal: AbortSignal): ClientRequest {
  const { hostname, port } = new URL(way.proxy);
  const authorization = `Basic ${Buffer.from(`${way.username}:${way.password}`).toString('base64')}`;
  const call = request({
    ...{ host: hostname.replace(/^\[|\]$/g, ''), port, method, path, signal, agent: false },
    headers: { host, 'proxy-authorization': authorization },
  });
  call.on('error', () => undefined); // whoever waits is told; nobody does when the time is up
  return call;
}

function refusalOf({ statusCode, headers }: IncomingMessage): CulvertError {
  const code = headers['x-culvert-error'];
  const text = typeof code === 'string' ? ` (${code})` : '';
  return new CulvertError(toErrorCode(code, 'target_unreachable'), `the answer was ${statusCode}${text}`);
}
