import { lookup as dnsLookup } from 'node:dns/promises';
import { CulvertError } from '@culvert/base';
import { type Address, parseAddress } from './address.ts';
import { canonicalName, type Target } from './target.ts';

/** A name's addresses, in the order in which they should be tried (RFC 6724); rejects with a `code` as Node's do. */
export type Lookup = (name: string) => Promise<readonly string[]>;

/** The machine's own resolver, with /etc/hosts, in the order that it gives. */
export const systemLookup: Lookup = async (name) => {
  const found = await dnsLookup(name, { all: true, order: 'verbatim' });
  return found.map(({ address }) => address);
};

export interface ResolverOptions {
  /** Names that are answered here instead of by DNS, like /etc/hosts: canonical name → address. */
  readonly hosts: ReadonlyMap<string, Address>;
  readonly lookup: Lookup;
}

/** Turns a target into the addresses to check and dial. */
export class NameResolver {
  readonly #options: ResolverOptions;
  /**
   * Lookups under way. The system's resolver blocks a thread of a small pool, so a hundred requests for one name
   * that hangs must cost one thread, not all of them.
   */
  readonly #running = new Map<string, Promise<readonly string[]>>();

  constructor(options: ResolverOptions) {
    this.#options = options;
  }

  /** Rejects with `target_unreachable` when the name has no address. The answer is never kept: names move. */
  async resolve(target: Target): Promise<Address[]> {
    if (target.address) return [target.address];
    const given = this.#options.hosts.get(target.host);
    if (given) return [given];
    let texts: readonly string[];
    try {
      texts = await this.#lookup(target.host);
    } catch (error) {
      throw unresolved(target.host, error);
    }
    const addresses = texts.map(parseAddress).filter((address) => address !== undefined);
    if (addresses.length === 0) throw new CulvertError('target_unreachable', `${target.host} has no address`);
    return addresses;
  }

  #lookup(name: string): Promise<readonly string[]> {
    const running = this.#running.get(name);
    if (running) return running;
    const started = this.#options.lookup(name).finally(() => this.#running.delete(name));
    this.#running.set(name, started);
    return started;
  }
}

/** Reads a map of names to addresses. Throws `config_invalid`, naming the entry that is wrong. */
export function parseHosts(hosts: Readonly<Record<string, string>>): Map<string, Address> {
  const parsed = new Map<string, Address>();
  for (const [name, text] of Object.entries(hosts)) {
    const canonical = canonicalName(name);
    if (canonical === undefined || parseAddress(canonical)) {
      throw new CulvertError('config_invalid', `${JSON.stringify(name)} in hosts is no name`);
    }
    const address = parseAddress(text);
    if (!address)
      throw new CulvertError('config_invalid', `hosts: ${JSON.stringify(text)}, for ${name}, is no address`);
    parsed.set(canonical, address);
  }
  return parsed;
}

function unresolved(name: string, error: unknown): CulvertError {
  const code = errorCodeOf(error);
  const why =
    code === 'ENOTFOUND' ? 'does not resolve' : code === 'EAI_AGAIN' ? 'could not be looked up now' : 'lookup failed';
  return new CulvertError('target_unreachable', `${name} ${why}${code ? ` (${code})` : ''}`, { cause: error });
}

/** The `code` of a Node.js error, such as ECONNREFUSED. */
export function errorCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
