import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '@culvert/base';
import { ObservedConnections } from './observed-connections.ts';
import type { Resolver } from './resolver.ts';

export interface ProxyOptions {
  readonly resolver: Resolver;
  readonly logger: Logger;
  /** Who hears what becomes of connections; default: nobody. */
  readonly observed?: ObservedConnections;
  /**
   * False: clients need no credentials, and the resolver is asked with empty ones. For a listener that only the
   * user of this machine can reach (the local proxy). Default true.
   */
  readonly authenticate?: boolean;
  /** Browser connections at once; more are answered with `limit_exceeded`. */
  readonly maxConnections?: number;
  /** From request to open connection, ms. The agent's own dial deadline is below it. */
  readonly openDeadlineMs?: number;
  /** For a complete header section, ms; never applies to content, tunnels or upgraded connections. */
  readonly headersTimeoutMs?: number;
  /** An idle kept-alive connection of a browser is closed after this, ms. */
  readonly keepAliveTimeoutMs?: number;
  /** Size of a request's header section, in bytes. */
  readonly maxHeaderBytes?: number;
  /** Answers requests that are for this server itself (`GET /`), not for the proxy; by default they get 400. */
  readonly originForm?: (request: IncomingMessage, response: ServerResponse) => void;
}

export type ResolvedOptions = Required<Omit<ProxyOptions, 'originForm'>> & Pick<ProxyOptions, 'originForm'>;

const DEFAULTS = {
  authenticate: true,
  maxConnections: 10_000,
  openDeadlineMs: 35_000,
  // Slowloris: a client that sends its header bytes one by one holds a connection no longer than this.
  headersTimeoutMs: 15_000,
  // Longer than the 60 s of common load balancers, so that they close first and no request is lost to the race.
  keepAliveTimeoutMs: 65_000,
  maxHeaderBytes: 32_768,
};

export function resolveOptions(options: ProxyOptions): ResolvedOptions {
  return { ...DEFAULTS, observed: new ObservedConnections(), ...options };
}
