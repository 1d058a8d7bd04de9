import { type Address, embeddedAddresses, inRange, type Special, specialKind } from './address.ts';
import { matchesName, matchesPort, parseRule, type Rule } from './rules.ts';
import type { Target } from './target.ts';

export type Verdict = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

const ALLOWED: Verdict = { allowed: true };

/**
 * What this agent may reach. Deny rules win over allow rules; with allow rules, only what one of them matches;
 * without, everything. Loopback, link-local and the other special addresses are reached only through an allow rule
 * that names them, never through `*` or a block wider than the special range.
 */
export class Policy {
  readonly #allow: readonly Rule[];
  readonly #deny: readonly Rule[];

  /** Throws `config_invalid`, naming the rule that is wrong. */
  constructor(rules: { readonly allow: readonly string[]; readonly deny: readonly string[] }) {
    this.#allow = rules.allow.map(parseRule);
    this.#deny = rules.deny.map(parseRule);
  }

  /** Before the name is resolved: is it denied, or is there no rule left that could allow it? */
  checkName(target: Target): Verdict {
    const denied = this.#deny.find((rule) => matchesName(rule, target));
    if (denied) return refuse(target, undefined, `denied by --deny ${denied.text}`);
    if (this.#allow.length === 0) return ALLOWED;
    const possible = this.#allow.some(
      (rule) =>
        matchesName(rule, target) ||
        (rule.host.kind === 'range' && target.address === undefined && matchesPort(rule, target.port)),
    );
    return possible ? ALLOWED : refuse(target, undefined, 'no --allow rule matches');
  }

  /** Right before `address`, which is what the target's name resolved to, is dialed. */
  checkAddress(target: Target, address: Address): Verdict {
    const denied = this.#deny.find((rule) => matchesName(rule, target) || reaches(rule, target.port, address));
    if (denied) return refuse(target, address, `denied by --deny ${denied.text}`);
    const matching = this.#allow.filter((rule) => matchesName(rule, target) || covers(rule, target.port, address));
    const special = specialKind(address);
    if (special) {
      if (matching.some((rule) => opens(rule, special))) return ALLOWED;
      return refuse(target, address, `${special.kind} is denied unless allowed: --allow ${hostPort(target)}`);
    }
    if (this.#allow.length === 0 || matching.length > 0) return ALLOWED;
    return refuse(target, address, 'no --allow rule matches');
  }
}

/** Whether an address rule matches the address itself. */
function covers(rule: Rule, port: number, address: Address): boolean {
  return rule.host.kind === 'range' && matchesPort(rule, port) && inRange(address, rule.host.range);
}

/** For denials: also when it is the IPv4 address inside an IPv6 one that the rule matches. */
function reaches(rule: Rule, port: number, address: Address): boolean {
  return [address, ...embeddedAddresses(address)].some((form) => covers(rule, port, form));
}

/** Whether a rule that matches was meant for special addresses: the user wrote the name, or a block of such addresses. */
function opens(rule: Rule, special: Special): boolean {
  switch (rule.host.kind) {
    case 'any':
      return false;
    case 'name':
    case 'below':
      return true;
    case 'range': {
      const { base, prefix } = rule.host.range;
      if (special.range) return prefix >= special.range.prefix && inRange(base, special.range);
      return prefix === 128; // an IPv4 address in disguise: only by its very address
    }
  }
}

function refuse(target: Target, address: Address | undefined, why: string): Verdict {
  const resolved = address && target.address === undefined ? ` (${address.text})` : '';
  return { allowed: false, reason: `${hostPort(target)}${resolved}: ${why}` };
}

function hostPort(target: Target): string {
  return target.host.includes(':') ? `[${target.host}]:${target.port}` : `${target.host}:${target.port}`;
}
