import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { CulvertError, systemClock, toErrorCode, withDeadline } from '@culvert/base';
import { WebSocket } from 'ws';
import { DialedLink, type DialedLinkOptions, type Link, LinkRefused } from './dialed-link.ts';
import { takeOver, WS_OPTIONS } from './handshake.ts';
import { LinkSocket } from './link-socket.ts';
import type { Masking } from './websocket-writer.ts';

export interface DialLinkOptions extends DialedLinkOptions {
  /** ws:// or wss://, the worker's link address or a gateway's pass-through. */
  readonly url: string;
  /** The ticket; sent as `Authorization: Bearer`. */
  readonly token: string;
  /** For everything up to WELCOME, ms. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
  /** A CA of one's own, PEM. */
  readonly tls?: { readonly ca?: string };
}

/**
 * Dials a worker and waits for its WELCOME.
 * @throws CulvertError (LinkRefused when the worker answered): ticket_invalid, ticket_expired, draining, superseded,
 * link_lost, unsupported_version, timeout, …
 */
export async function dialLink(options: DialLinkOptions): Promise<Link> {
  return withDeadline(options.deadlineMs, `dialing ${options.url}`, async (late) => {
    const signal = options.signal === undefined ? late : AbortSignal.any([late, options.signal]);
    const link = await connect(options, signal);
    return link.whenUp(signal);
  });
}

/** Zero-key masking only where nobody on the way reads the bytes as HTTP; see Masking. */
function maskingFor(options: DialLinkOptions): Masking {
  const url = new URL(options.url);
  const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  return options.role === 'edge' || url.protocol === 'wss:' || loopback ? 'zero' : 'random';
}

function linkOn(options: DialLinkOptions, socket: Socket): DialedLink {
  const { logger, clock = systemClock } = options;
  const masking = maskingFor(options);
  return new DialedLink(options, (self, events) => {
    return new LinkSocket({ side: 'dialer', socket, masking, logger, clock, self, events });
  });
}

function connect(options: DialLinkOptions, signal: AbortSignal): Promise<DialedLink> {
  const { promise, resolve, reject } = Promise.withResolvers<DialedLink>();
  if (signal.aborted)
    return Promise.reject(new CulvertError('cancelled', 'the dial was given up', { cause: signal.reason }));
  const ca = options.tls?.ca;
  const ws = new WebSocket(options.url, {
    ...WS_OPTIONS,
    followRedirects: false,
    headers: { authorization: `Bearer ${options.token}` },
    ...(ca === undefined ? {} : { ca }),
  });
  const abort = (): void => {
    reject(new CulvertError('cancelled', 'the dial was given up', { cause: signal.reason }));
    ws.terminate();
  };
  signal.addEventListener('abort', abort, { once: true });
  let socket: Socket | undefined;
  ws.once('upgrade', (response) => {
    socket = response.socket;
  });
  ws.once('open', () => {
    signal.removeEventListener('abort', abort);
    if (socket === undefined) reject(new CulvertError('internal', 'ws opened without an upgrade'));
    else {
      // At once: whatever the worker says first is still unread.
      takeOver(socket);
      resolve(linkOn(options, socket));
    }
  });
  ws.once('unexpected-response', (request, response) => {
    void refusalOf(response).then((error) => {
      reject(error);
      request.destroy();
    });
  });
  ws.on('error', (error) => {
    signal.removeEventListener('abort', abort);
    reject(new CulvertError('link_lost', `cannot reach ${options.url}: ${error.message}`, { cause: error }));
  });
  return promise;
}

const REFUSAL_BYTES = 4_096;

/** The worker answered the upgrade with an ordinary response: its code is in a header, its words in the body. */
async function refusalOf(response: IncomingMessage): Promise<CulvertError> {
  const header = response.headers['x-culvert-error'];
  const code = toErrorCode(header, response.statusCode === 401 ? 'ticket_invalid' : 'link_lost');
  let text = '';
  try {
    for await (const chunk of response) {
      text += String(chunk);
      if (text.length > REFUSAL_BYTES) break;
    }
  } catch (error) {
    text = `the refusal was cut off: ${String(error)}`;
  }
  const message = text.slice(0, REFUSAL_BYTES).trim() || `the link was refused with status ${response.statusCode}`;
  const retryAfter = Number(response.headers['retry-after']); // seconds: workers and gateways send no date
  const end = { code, message, final: response.headers['x-culvert-final'] === 'true' };
  return new LinkRefused(end, retryAfter > 0 ? retryAfter : undefined);
}
