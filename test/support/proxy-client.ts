import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';

const DEADLINE_MS = 10_000;

export interface ProxyAnswer {
  readonly status: number;
  /** `X-Culvert-Error`; undefined: the answer is the target's own. */
  readonly code: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One GET by absolute URI, over a connection of its own. `proxy`: `http://user:password@host:port`. */
export async function getVia(proxy: string, target: string): Promise<ProxyAnswer> {
  const call = request({
    ...proxyAddress(proxy),
    path: target,
    agent: false,
    headers: { host: new URL(target).host, connection: 'close', ...proxyAuthorization(proxy) },
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  call.on('response', resolve).on('error', reject).end();
  const response = await promise;
  return answerOf(response, await text(response));
}

/** One CONNECT: the socket of the open tunnel, or the refusal. The caller ends the socket. */
export function connectVia(proxy: string, authority: string): Promise<{ answer: ProxyAnswer; socket: Socket }> {
  const call = request({
    ...proxyAddress(proxy),
    method: 'CONNECT',
    path: authority,
    agent: false,
    headers: { host: authority, ...proxyAuthorization(proxy) },
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  const { promise, resolve, reject } = Promise.withResolvers<{ answer: ProxyAnswer; socket: Socket }>();
  call.on('error', reject);
  // Whatever the status: node:http hands the socket over unread.
  call.on('connect', (response, socket, head) => {
    // What the target said first came in one read with the proxy's answer.
    if (head.length > 0) socket.unshift(head);
    resolve({ answer: answerOf(response, ''), socket });
  });
  call.end();
  return promise;
}

/** The same proxy with other credentials. */
export function withCredentials(proxy: string, username: string, password: string): string {
  const url = new URL(proxy);
  url.username = encodeURIComponent(username);
  url.password = encodeURIComponent(password);
  return url.href;
}

/** The user name and password of a proxy URL. */
export function credentialsOf(proxy: string): { username: string; password: string } {
  const { username, password } = new URL(proxy);
  return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
}

function answerOf(response: IncomingMessage, body: string): ProxyAnswer {
  const code = response.headers['x-culvert-error'];
  return {
    status: response.statusCode ?? 0,
    code: typeof code === 'string' ? code : undefined,
    headers: response.headers,
    body,
  };
}

function proxyAddress(proxy: string): { host: string; port: string } {
  const { hostname, port } = new URL(proxy);
  return { host: hostname, port };
}

function proxyAuthorization(proxy: string): Record<string, string> {
  const { username, password } = credentialsOf(proxy);
  if (username === '') return {};
  return { 'proxy-authorization': `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}
