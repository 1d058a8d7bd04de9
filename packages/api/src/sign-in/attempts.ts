import { isIPv6 } from 'node:net';
import { CulvertError } from '@culvert/base';

/** So many wrong keys an address may try at once; then one more each REGAINED_MS. */
const ALLOWED = 10;
const REGAINED_MS = 6_000;
/** Of more addresses, those that failed longest ago are forgotten. */
const MAX_ADDRESSES = 10_000;
/** A network's worth of IPv6 is one customer's (RFC 6177). */
const IPV6_GROUPS = 4;

/**
 * Counts failed sign-ins by address. Keys can't be guessed at any rate: what is bounded is the work of refusing, and the log.
 */
export class FailedAttempts {
  readonly #now: () => number;
  /** Address → ms since the Unix epoch at which all is forgotten; in the order of the last failure. */
  readonly #clearAt = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Throws `limit_exceeded` to an address that failed too often. */
  assertAllowed(address: string): void {
    const clearAt = this.#clearAt.get(networkOf(address)) ?? 0;
    const waitMs = clearAt - this.#now() - (ALLOWED - 1) * REGAINED_MS;
    if (waitMs <= 0) return;
    throw new CulvertError('limit_exceeded', 'Too many sign-ins failed from this address.', {
      retryAfterSeconds: waitMs / 1_000,
      fix: `Try again in ${Math.ceil(waitMs / 1_000)} s.`,
    });
  }

  failed(address: string): void {
    const network = networkOf(address);
    const clearAt = Math.max(this.#now(), this.#clearAt.get(network) ?? 0) + REGAINED_MS;
    this.#clearAt.delete(network);
    this.#clearAt.set(network, clearAt);
    const [oldest] = this.#clearAt.keys();
    if (this.#clearAt.size > MAX_ADDRESSES && oldest !== undefined) this.#clearAt.delete(oldest);
  }
}

function networkOf(address: string): string {
  return isIPv6(address) ? address.split(':').slice(0, IPV6_GROUPS).join(':') : address;
}
