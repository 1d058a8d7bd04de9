import type { Credentials } from './resolver.ts';

/** Longer ones are nobody's: session ids, names and secrets are far below. Bounds what is decoded and cached. */
const MAX_HEADER_CHARS = 1024;

/**
 * The user name and password of a `Proxy-Authorization: Basic` field (RFC 7617 §2), or undefined when the
 * field is of another scheme or malformed. The user name ends at the first colon.
 */
export function parseBasicCredentials(header: string): Credentials | undefined {
  if (header.length > MAX_HEADER_CHARS) return undefined;
  const token = /^basic +(?<token>[A-Za-z0-9+/]+={0,2})$/i.exec(header)?.groups?.token;
  if (token === undefined) return undefined;
  const text = Buffer.from(token, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}
