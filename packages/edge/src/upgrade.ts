import { request as httpRequest, type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { StreamSocket } from '@culvert/link';
import type { Stream } from '@culvert/mux';
import { MAX_RESPONSE_HEADER_BYTES, writeHead } from './exchange.ts';
import { checkResponseFraming, hasContent } from './framing.ts';
import { hasToken, interimHeaders, requestHeaders } from './headers.ts';
import { join } from './join.ts';
import { pump } from './pump.ts';
import type { AbsoluteTarget } from './target.ts';
import { upstreamError } from './upstream-error.ts';

const CONNECTION = ['Connection', 'Upgrade', 'Upgrade', 'websocket'] as const;

/**
 * The only upgrade that the proxy passes on. Any other is answered as if it had not been offered (RFC 9110 §7.8), and so
 * is a handshake with content, which would leave open where the frames begin.
 */
export function isWebSocketUpgrade(request: IncomingMessage): boolean {
  const offered = request.method === 'GET' && hasToken(request.headers.upgrade ?? '', 'websocket');
  return offered && request.httpVersionMinor === 1 && !hasContent(request);
}

export interface UpgradeOptions {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  /** Frames that the browser sent behind its handshake. */
  readonly head: Buffer;
  readonly stream: Stream;
  readonly target: AbsoluteTarget;
}

/** Passes a WebSocket handshake on (RFC 6455 §4.1); after a 101, bytes both ways. Rejects when there is no answer. */
export function forwardUpgrade(options: UpgradeOptions): Promise<void> {
  const { request, socket, stream, target } = options;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const upstream = httpRequest({
    createConnection: () => new StreamSocket(stream),
    method: 'GET',
    path: target.path,
    headers: [...requestHeaders(request, target.authority), ...CONNECTION],
    setHost: false,
    maxHeaderSize: MAX_RESPONSE_HEADER_BYTES,
    insecureHTTPParser: false,
  });
  upstream.maxHeadersCount = 0;
  const onBrowserGone = (): void => {
    upstream.destroy();
  };
  socket.once('close', onBrowserGone);
  upstream.on('error', (error: Error) => reject(upstreamError(error)));
  upstream.once('upgrade', (answer, upstreamSocket, upstreamHead) => {
    socket.off('close', onBrowserGone);
    switchProtocols(options, answer, upstreamSocket, upstreamHead);
    resolve();
  });
  upstream.once('response', (answer) => {
    try {
      checkResponseFraming(answer);
      answerWithout(options, answer);
      resolve();
    } catch (error) {
      upstream.destroy();
      reject(error);
    }
  });
  upstream.end();
  return promise;
}

function switchProtocols(options: UpgradeOptions, answer: IncomingMessage, upstream: Duplex, head: Buffer): void {
  const { socket } = options;
  const fields = [...interimHeaders(answer.rawHeaders), ...CONNECTION];
  let text = `HTTP/1.1 101 ${answer.statusMessage}\r\n`;
  for (let at = 0; at + 1 < fields.length; at += 2) text += `${fields[at]}: ${fields[at + 1]}\r\n`;
  socket.write(`${text}\r\n`, 'latin1');
  if (head.length > 0) socket.write(head);
  if (options.head.length > 0) upstream.write(options.head);
  join(socket, upstream);
}

/** The target declined: its answer is an ordinary one, and the last on this connection (RFC 9931 §6). */
function answerWithout({ request, socket }: UpgradeOptions, answer: IncomingMessage): void {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => {
    response.detachSocket(socket);
    socket.destroySoon();
  });
  answer.once('close', () => {
    if (!answer.complete) socket.destroy();
  });
  // `close` follows, and says whether the answer was complete.
  answer.on('error', () => undefined);
  writeHead(answer, response);
  pump(answer, response);
}
