import { isIPv6 } from 'node:net';
import { CulvertError } from '@culvert/base';
import type { Target } from './resolver.ts';

/** DNS names have at most 253 characters; the protocol's own limit is 255 bytes. */
const MAX_HOST_CHARS = 253;
const HTTP_PORT = 80;

/** A request-target in absolute form, taken apart and otherwise left as it was written. */
export interface AbsoluteTarget extends Target {
  /** Becomes the `Host` field (RFC 9112 §3.2.2). */
  readonly authority: string;
  /** Path and query, byte for byte: what `..` or `%2e` means is the target's business. */
  readonly path: string;
}

/** The target of CONNECT, in authority form: host and port, nothing else (RFC 9110 §9.3.6). @throws bad_request */
export function parseConnectTarget(text: string): Target {
  const target = parseHostPort(text, undefined);
  if (target === undefined)
    throw new CulvertError('bad_request', 'CONNECT needs host:port, with a port of 1 to 65535.');
  return target;
}

/**
 * The target of any other method, in absolute form (RFC 9112 §3.2.2). `ws:` is what some WebSocket clients write
 * for what is `http:` on the wire. @throws bad_request, unsupported_scheme
 */
export function parseAbsoluteTarget(text: string, method: string): AbsoluteTarget {
  const match = /^(?<scheme>[A-Za-z][A-Za-z0-9+.-]*):\/\/(?<authority>[^/?#]*)(?<path>[^#]*)$/.exec(text);
  const { scheme = '', authority = '', path = '' } = match?.groups ?? {};
  if (match === null) throw new CulvertError('bad_request', 'The request target is not an absolute URI.');
  if (!/^(http|ws)$/i.test(scheme)) throw unsupportedScheme(scheme);
  // User information in an http: URI is an error, and a way to disguise the host (RFC 9110 §4.2.4).
  const target = parseHostPort(authority, HTTP_PORT);
  if (target === undefined)
    throw new CulvertError('bad_request', 'The host or port of the request target is not valid.');
  return { ...target, authority, path: originForm(path, method) };
}

export function isAbsoluteForm(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(text);
}

function originForm(path: string, method: string): string {
  if (path.startsWith('/')) return path;
  // RFC 9112 §3.2.4: OPTIONS without a path asks about the server as a whole.
  return path === '' && method === 'OPTIONS' ? '*' : `/${path}`;
}

function parseHostPort(text: string, defaultPort: number | undefined): Target | undefined {
  const match = /^(?:\[(?<v6>[0-9A-Fa-f:.]+)\]|(?<name>[A-Za-z0-9._-]+))(?::(?<port>[0-9]{0,5}))?$/.exec(text);
  const { v6, name, port: digits } = match?.groups ?? {};
  const host = v6 ?? name;
  // RFC 3986 §3.2.3 allows `host:` with an empty port, which means the default one.
  const port = digits ? Number(digits) : defaultPort;
  if (host === undefined || host.length > MAX_HOST_CHARS || (v6 !== undefined && !isIPv6(v6))) return undefined;
  if (port === undefined || port < 1 || port > 65_535) return undefined;
  return { host, port };
}

function unsupportedScheme(scheme: string): CulvertError {
  const fix = 'Have the client use CONNECT for https: and wss: targets, as browsers do.';
  return new CulvertError('unsupported_scheme', `The proxy does not fetch ${scheme.slice(0, 32)}: targets itself.`, {
    fix,
  });
}
