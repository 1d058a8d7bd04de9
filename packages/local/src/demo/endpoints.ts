import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** One full turn of the pattern of `/bytes`: a prime, so that an offset lost by any power of two shows. */
const PATTERN_LENGTH = 65_521;
const MAX_BYTES = 2 ** 40;
const MAX_SLOW_MS = 600_000;

export function hello(request: IncomingMessage, response: ServerResponse): void {
  const body = 'Hello from a private app. You reached it through Culvert.\n';
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(body) });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** The body back, as it comes, under its own content type; a form's as text, for browsers would save it as a file. */
export function echo(request: IncomingMessage, response: ServerResponse): void {
  const { 'content-length': length, 'content-type': type = 'application/octet-stream' } = request.headers;
  const isForm = type.startsWith('application/x-www-form-urlencoded') || type.startsWith('multipart/form-data');
  response.writeHead(200, {
    'content-type': isForm ? 'text/plain; charset=utf-8' : type,
    'x-content-type-options': 'nosniff',
    // Whatever the content type of a posted body: it is not run as a page of this app.
    'content-security-policy': "default-src 'none'; sandbox",
    ...(length === undefined ? {} : { 'content-length': length }),
  });
  send(request, response);
}

/** `?every=` ms between events (default 1000), `?count=` of them (default: until the client leaves). */
export function sendTicks(url: URL, response: ServerResponse): void {
  const everyMs = readNumber(url, 'every', { min: 1, max: 60_000, fallback: 1_000 });
  const count = readNumber(url, 'count', { min: 1, max: 1_000_000, fallback: Number.POSITIVE_INFINITY });
  if (everyMs === undefined || count === undefined) return sendBadRequest(response);
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  let sent = 0;
  const tick = (): void => {
    sent += 1;
    response.write(`id: ${sent}\nevent: tick\ndata: ${JSON.stringify({ n: sent, at: new Date().toISOString() })}\n\n`);
    if (sent < count) return;
    clearInterval(timer);
    response.end();
  };
  const timer = setInterval(tick, everyMs);
  response.on('close', () => clearInterval(timer));
  tick();
}

/** `?n=` bytes of a fixed pattern (`byteAt`), streamed; a browser saves them as a file. */
export function sendBytes(url: URL, response: ServerResponse): void {
  const total = readNumber(url, 'n', { min: 0, max: MAX_BYTES, fallback: 1_048_576 });
  if (total === undefined) return sendBadRequest(response);
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': total,
    'content-disposition': `attachment; filename="culvert-${total}.bin"`,
  });
  send(Readable.from(patternChunks(total), { objectMode: false }), response);
}

/** The byte that `/bytes` sends at `offset`. */
export function byteAt(offset: number): number {
  const place = offset % PATTERN_LENGTH;
  return (place ^ (place >>> 8) ^ 0x5a) & 0xff;
}

function* patternChunks(total: number): Generator<Buffer> {
  const turn = Buffer.from(Array.from({ length: PATTERN_LENGTH }, (_, offset) => byteAt(offset)));
  for (let sent = 0; sent < total; sent += PATTERN_LENGTH) yield turn.subarray(0, total - sent);
}

/** Answers after `?ms=`. */
export function sendSlowly(url: URL, response: ServerResponse): void {
  const ms = readNumber(url, 'ms', { min: 0, max: MAX_SLOW_MS, fallback: 1_000 });
  if (ms === undefined) return sendBadRequest(response);
  const timer = setTimeout(() => {
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(`that took ${ms} ms\n`);
  }, ms);
  response.on('close', () => clearTimeout(timer));
}

/** Answers with the status in the path; 200–599. */
export function sendStatus(text: string, response: ServerResponse): void {
  const status = Number(text);
  if (!/^[2-5]\d\d$/.test(text)) return sendBadRequest(response);
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(status === 204 || status === 304 ? undefined : `status ${status}\n`);
}

function send(source: Readable, response: ServerResponse): void {
  // A client that leaves in the middle ends both sides; there is nobody left to tell.
  pipeline(source, response).catch(() => response.destroy());
}

function readNumber(
  url: URL,
  name: string,
  { min, max, fallback }: { min: number; max: number; fallback: number },
): number | undefined {
  const text = url.searchParams.get(name);
  if (text === null) return fallback;
  const value = Number(text);
  return /^\d+$/.test(text) && value >= min && value <= max ? value : undefined;
}

function sendBadRequest(response: ServerResponse): void {
  response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' }).end('that is not a number this app takes\n');
}
