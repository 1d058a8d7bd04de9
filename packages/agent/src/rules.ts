import { CulvertError } from '@culvert/base';
import { type AddressRange, inRange, networkOf, parseAddress, parseRange } from './address.ts';
import { canonicalName, type Target } from './target.ts';

/** What the host part of a rule matches. */
export type HostPattern =
  | { readonly kind: 'any' }
  | { readonly kind: 'name'; readonly name: string }
  /** Every name that ends in `suffix` (`.corp.example`), at any depth; not the apex. */
  | { readonly kind: 'below'; readonly suffix: string }
  | { readonly kind: 'range'; readonly range: AddressRange };

export interface Rule {
  /** As the user wrote it; denials quote it. */
  readonly text: string;
  readonly host: HostPattern;
  /** Inclusive ranges; empty means every port. */
  readonly ports: readonly (readonly [from: number, to: number])[];
}

/**
 * Reads one rule, `host[:ports]`. Host: a name, `*.below.it`, `*`, an IPv4 or IPv6 address or CIDR (IPv6 in brackets
 * when ports follow). Ports: a number, a range `8000-8999`, or `*`; several separated by commas.
 * Throws `config_invalid`, naming the rule and what is wrong with it.
 */
export function parseRule(text: string): Rule {
  const [host, ports] = splitRule(text);
  return { text, host: parseHost(text, host), ports: ports === undefined ? [] : parsePorts(text, ports) };
}

/** Whether the port, and the name that was asked for, fit the rule; says nothing about addresses. */
export function matchesName(rule: Rule, target: Target): boolean {
  if (!matchesPort(rule, target.port)) return false;
  switch (rule.host.kind) {
    case 'any':
      return true;
    case 'name':
      return target.address === undefined && target.host === rule.host.name;
    case 'below':
      return target.address === undefined && target.host.endsWith(rule.host.suffix);
    case 'range':
      return target.address !== undefined && inRange(target.address, rule.host.range);
  }
}

export function matchesPort(rule: Rule, port: number): boolean {
  return rule.ports.length === 0 || rule.ports.some(([from, to]) => port >= from && port <= to);
}

function splitRule(text: string): [host: string, ports: string | undefined] {
  if (text === '') throw wrong(text, 'it is empty');
  if (/\s/.test(text)) throw wrong(text, 'it contains white space');
  if (text.includes('://')) throw wrong(text, 'it is a URL; write the host and the port only');
  if (text.startsWith('[')) {
    const close = text.indexOf(']');
    if (close < 0) throw wrong(text, 'the closing bracket is missing');
    const host = text.slice(1, close);
    if (!host.includes(':')) throw wrong(text, 'brackets are for IPv6 addresses');
    const rest = text.slice(close + 1);
    if (rest === '') return [host, undefined];
    if (rest.startsWith('/')) throw wrong(text, 'the prefix length goes inside the brackets');
    if (!rest.startsWith(':'))
      throw wrong(text, `${JSON.stringify(rest)} follows the brackets; ports start with a colon`);
    return [host, rest.slice(1)];
  }
  const colon = text.indexOf(':');
  if (colon < 0 || parseRange(text)) return [text, undefined];
  if (text.indexOf(':', colon + 1) >= 0) {
    throw wrong(text, 'it has several colons and is no IPv6 address; write [address]:ports');
  }
  return [text.slice(0, colon), text.slice(colon + 1)];
}

function parseHost(text: string, host: string): HostPattern {
  if (host === '') throw wrong(text, 'the host is missing; * means every host');
  if (host === '*') return { kind: 'any' };
  if (host.includes('/') || host.includes(':') || parseAddress(host)) return parseHostRange(text, host);
  const below = host.startsWith('*.');
  const name = canonicalName(below ? host.slice(2) : host);
  if (name === undefined || host.slice(1).includes('*')) {
    throw wrong(text, `${JSON.stringify(host)} is no name, wildcard (*.name), address or CIDR`);
  }
  if (parseAddress(name)) throw wrong(text, `${host} is an odd way to write an address; write ${name}`);
  return below ? { kind: 'below', suffix: `.${name}` } : { kind: 'name', name };
}

function parseHostRange(text: string, host: string): HostPattern {
  const range = parseRange(host);
  if (!range) throw wrong(text, `${host} is no address or CIDR`);
  const network = networkOf(range);
  if (network.text !== range.base.text) {
    throw wrong(text, `${host} has bits set after its prefix; write ${network.text}/${range.prefix}`);
  }
  return { kind: 'range', range };
}

function parsePorts(text: string, ports: string): [number, number][] {
  if (ports === '*') return [];
  return ports.split(',').map((part) => {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part);
    if (!match) throw wrong(text, `${JSON.stringify(part)} is no port, range or *`);
    const from = Number(match[1]);
    const to = Number(match[2] ?? match[1]);
    if (from < 1 || to > 65_535) throw wrong(text, `ports go from 1 to 65535, not ${part}`);
    if (from > to) throw wrong(text, `the range ${part} runs backwards`);
    return [from, to];
  });
}

function wrong(text: string, why: string): CulvertError {
  return new CulvertError('config_invalid', `the rule ${JSON.stringify(text)} is wrong: ${why}`, {
    fix: 'A rule is host[:ports], such as *.corp.example:443, 10.0.0.0/8, [fd00::/8]:8000-8999 or localhost:3000.',
  });
}
