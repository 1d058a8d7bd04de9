import { domainToASCII } from 'node:url';
import { CulvertError } from '@culvert/base';
import { type Address, parseAddress } from './address.ts';

/** What an edge asks for, in the one form that rules are checked against and that is dialed. */
export interface Target {
  /** A lower-case ASCII name without a trailing dot, or the canonical text of `address`. */
  readonly host: string;
  readonly port: number;
  /** Set when the host was an address, in whatever notation. */
  readonly address?: Address;
}

/**
 * Brings a requested host to its canonical form, so that no notation slips past a rule: `0x7f.1`, `2130706433`
 * and `127。0。0。1` are all 127.0.0.1, `LOCALHOST.` is localhost, `bücher.example` is its punycode.
 * Throws `bad_request` for what is neither a name nor an address.
 */
export function parseTarget(host: string, port: number): Target {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new CulvertError('bad_request', `${port} is not a port`);
  }
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  const literal = parseAddress(bare);
  if (literal) return { host: literal.text, port, address: literal };
  const name = canonicalName(host);
  if (name === undefined) {
    throw new CulvertError('bad_request', `${JSON.stringify(host.slice(0, 64))} is neither a name nor an address`);
  }
  // The WHATWG host parser, which domainToASCII is, turns the inet_aton notations into four decimals.
  const address = parseAddress(name);
  return address ? { host: address.text, port, address } : { host: name, port };
}

/** Lower-case ASCII without the trailing dot, or undefined for what is no name (RFC 1035 lengths; `_` is in use). */
export function canonicalName(text: string): string | undefined {
  // domainToASCII reads like a URL parser: it would decode `%`, and take `a/b` for `a`. Compatibility forms of such
  // characters (U+FF0F and its kind) count as the characters themselves.
  if (/[^a-zA-Z0-9._\-\u0080-\u{10ffff}]/u.test(text.normalize('NFKC'))) return undefined;
  const ascii = domainToASCII(text);
  const name = ascii.endsWith('.') ? ascii.slice(0, -1) : ascii;
  return name.length <= 253 && /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/.test(name) ? name : undefined;
}
