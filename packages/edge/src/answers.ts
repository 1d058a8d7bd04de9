import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type CulvertError, ERROR_CODES } from '@culvert/base';

/** How long a connection that is to be closed may still send before it is cut, in ms. */
const LINGER_MS = 2_000;

/** What to tell a person for whom the error itself has no advice. */
const ADVICE: Partial<Record<CulvertError['code'], string>> = {
  proxy_auth_required: 'Use the proxy user name (session id or name@tenant) and secret that `culvert connect` printed.',
  target_denied: "Change the agent's --allow and --deny rules if this target should be reachable.",
  target_unreachable: 'Check from the machine of the agent that the target runs and that its name resolves.',
  session_offline: 'Check that the agent (`culvert connect`) is running, then try again.',
};

interface Answer {
  readonly status: number;
  readonly headers: string[];
  readonly body: string;
}

/** The answer that goes with an error: status, code, and what to do. */
function answerFor(error: CulvertError): Answer {
  // An internal fault's message is for the log: it may name what is none of the browser's business.
  const message = error.code === 'internal' ? ERROR_CODES.internal.meaning : error.message;
  const advice = error.fix ?? ADVICE[error.code];
  const body = `${error.code}: ${message}\n${advice === undefined ? '' : `${advice}\n`}`;
  const headers = ['Content-Type', 'text/plain; charset=utf-8', 'Content-Length', String(Buffer.byteLength(body))];
  headers.push('Cache-Control', 'no-store', 'X-Culvert-Error', error.code);
  if (error.retryAfterSeconds !== undefined) headers.push('Retry-After', String(Math.ceil(error.retryAfterSeconds)));
  if (error.code === 'proxy_auth_required') {
    headers.push('Proxy-Authenticate', 'Basic realm="culvert", charset="UTF-8"');
  }
  return { status: error.status, headers, body };
}

/** Answers a request that nothing was answered to yet. */
export function answerError(response: ServerResponse, error: CulvertError): void {
  const { status, headers, body } = answerFor(error);
  response.writeHead(status, STATUS_CODES[status] ?? 'Error', headers);
  response.end(body);
}

/** Answers on a socket without an HTTP parser (CONNECT, upgrades, malformed requests), and closes it. */
export function answerErrorAndClose(socket: Socket, error: CulvertError): void {
  const { status, headers, body } = answerFor(error);
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\nConnection: close\r\n`;
  for (let at = 0; at + 1 < headers.length; at += 2) head += `${headers[at]}: ${headers[at + 1]}\r\n`;
  closeAfter(socket, `${head}\r\n${body}`);
}

/**
 * Sends the last bytes and closes. What still comes in is read and dropped for a while: closing with unread
 * data makes the kernel send a reset, which can destroy the answer on its way (RFC 9112 §9.6).
 */
function closeAfter(socket: Socket, bytes: string): void {
  if (socket.destroyed) return;
  const cut = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(cut));
  socket.once('end', () => socket.destroySoon());
  socket.end(bytes);
  socket.resume();
}
