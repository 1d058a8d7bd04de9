import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Parsed = ipaddr.IPv4 | ipaddr.IPv6;

/** An IP address in its one canonical form; an IPv4-mapped IPv6 address is the IPv4 address that it stands for. */
export interface Address {
  readonly family: 4 | 6;
  /** Canonical text (RFC 5952 for IPv6): what is compared, shown and dialed. */
  readonly text: string;
  readonly parsed: Parsed;
}

/** A block of addresses; one address is a block of full length. */
export interface AddressRange {
  readonly base: Address;
  /** Leading bits that an address shares with `base`: 0–32 or 0–128. */
  readonly prefix: number;
}

/** Why an address needs a rule that names it. */
export type SpecialKind = 'loopback' | 'link-local' | 'unspecified' | 'multicast' | 'broadcast' | 'cloud metadata';

/** A special address, and the range that makes it special; without a range, because of the IPv4 address inside it. */
export interface Special {
  readonly kind: SpecialKind;
  readonly range?: AddressRange;
}

/**
 * Reads the standard notations only: four decimals, or RFC 4291 text. Shorthands such as `127.1` are for
 * `parseTarget`, and an IPv6 zone (`%eth0`) is refused: it names an interface of some other machine.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.includes('%') || isIP(text) === 0) return undefined;
  return toAddress(ipaddr.process(text));
}

export function parseRange(text: string): AddressRange | undefined {
  const slash = text.indexOf('/');
  const base = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (!base) return undefined;
  const full = base.family === 4 ? 32 : 128;
  if (slash < 0) return { base, prefix: full };
  const digits = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(digits)) return undefined;
  // `::ffff:10.0.0.0/104` counts its bits from the start of the IPv6 form.
  const mapped = base.family === 4 && text.includes(':');
  const prefix = mapped ? Number(digits) - 96 : Number(digits);
  return prefix >= 0 && prefix <= full ? { base, prefix } : undefined;
}

export function inRange(address: Address, range: AddressRange): boolean {
  const { parsed } = address;
  const base = range.base.parsed;
  if (parsed instanceof ipaddr.IPv4) return base instanceof ipaddr.IPv4 && parsed.match(base, range.prefix);
  return base instanceof ipaddr.IPv6 && parsed.match(base, range.prefix);
}

/** The first address of the block that `range` describes; differs from `range.base` when host bits are set. */
export function networkOf(range: AddressRange): Address {
  const bytes = range.base.parsed.toByteArray().map((byte, index) => {
    const kept = Math.min(8, Math.max(0, range.prefix - index * 8));
    return byte & (0xff << (8 - kept)) & 0xff;
  });
  return toAddress(ipaddr.fromByteArray(bytes));
}

const SPECIAL: readonly (readonly [kind: SpecialKind, range: AddressRange])[] = (
  [
    ['loopback', '127.0.0.0/8'],
    ['loopback', '::1'],
    ['link-local', '169.254.0.0/16'], // the metadata service of most clouds lives here
    ['link-local', 'fe80::/10'],
    ['cloud metadata', 'fd00:ec2::254'], // AWS
    ['cloud metadata', '100.100.100.200'], // Alibaba Cloud
    ['unspecified', '0.0.0.0/8'], // Linux connects 0.0.0.0 to loopback
    ['unspecified', '::'],
    ['multicast', '224.0.0.0/4'],
    ['multicast', 'ff00::/8'],
    ['broadcast', '255.255.255.255'],
  ] as const
).map(([kind, text]) => [kind, mustParseRange(text)]);

/** IPv6 forms that carry an IPv4 address, and where its four bytes are. IPv4-mapped is not here: `parseAddress` undoes it. */
const EMBEDDINGS: readonly (readonly [range: AddressRange, bytes: readonly [number, number, number, number]])[] = [
  [mustParseRange('64:ff9b::/96'), [12, 13, 14, 15]], // NAT64, RFC 6052
  [mustParseRange('64:ff9b:1::/48'), [12, 13, 14, 15]], // NAT64 for local use, RFC 8215, as a /96 within it
  [mustParseRange('64:ff9b:1::/48'), [6, 7, 9, 10]], // the same as a /48, RFC 6052 section 2.2
  [mustParseRange('::ffff:0:0:0/96'), [12, 13, 14, 15]], // IPv4-translated, RFC 7915
  [mustParseRange('::/96'), [12, 13, 14, 15]], // IPv4-compatible, deprecated by RFC 4291
  [mustParseRange('2002::/16'), [2, 3, 4, 5]], // 6to4, RFC 3056
];

/** IPv4 addresses that packets to `address` may end up at. */
export function embeddedAddresses(address: Address): Address[] {
  if (address.family === 4) return [];
  const bytes = address.parsed.toByteArray();
  return EMBEDDINGS.filter(([range]) => inRange(address, range)).map(([, indices]) =>
    toAddress(ipaddr.fromByteArray(indices.map((index) => bytes[index] ?? 0))),
  );
}

/** Whether `address`, or an IPv4 address inside it, is one that only a rule that names it may open. */
export function specialKind(address: Address): Special | undefined {
  const own = SPECIAL.find(([, range]) => inRange(address, range));
  if (own) return { kind: own[0], range: own[1] };
  for (const embedded of embeddedAddresses(address)) {
    const inner = SPECIAL.find(([, range]) => inRange(embedded, range));
    // Zeros there mean that the four bytes hold something else; no translator connects to 0.0.0.0.
    if (inner && inner[0] !== 'unspecified') return { kind: inner[0] };
  }
  return undefined;
}

function toAddress(parsed: Parsed): Address {
  return { family: parsed instanceof ipaddr.IPv4 ? 4 : 6, text: parsed.toString(), parsed };
}

function mustParseRange(text: string): AddressRange {
  const range = parseRange(text);
  if (!range) throw new Error(`${text} is no address range`);
  return range;
}
