import { CulvertError, type ErrorCode, type Logger, toCulvertError } from '@culvert/base';
import type { Stream } from '@culvert/mux';
import type { OpenTarget, Tunnel } from './resolver.ts';
import type { WorkerAddress, WorkerLinks } from './worker-links.ts';

/** Who owns a session now. */
export interface OwnerRoute {
  readonly tenantId: string;
  readonly node: WorkerAddress;
}

/** Finds a session's owner; `refresh`: what was answered last turned out to be wrong. Undefined: nobody owns it. */
export type FindRoute = (sessionId: string, options: { refresh: boolean }) => Promise<OwnerRoute | undefined>;

export interface RoutedTunnelOptions {
  readonly sessionId: string;
  readonly tenantId: string;
  readonly links: Pick<WorkerLinks, 'open'>;
  readonly findRoute: FindRoute;
  /** For the agent's answer, ms. */
  readonly openDeadlineMs?: number;
  readonly logger: Logger;
}

/** The owner was looked up in vain: one more look, then the browser is told to come back. */
const MAX_HOPS = 2;
const RETRY_AFTER_SECONDS = 1;
/** The agent gives a dial 30 s at most; behind that, nothing answers any more. */
const OPEN_DEADLINE_MS = 32_000;
/** Answers that say no more than: this is not where the session is served (now). */
const NOT_THERE = new Set<ErrorCode>([
  'wrong_owner',
  'node_unreachable',
  'link_lost',
  'link_timeout',
  'draining',
  'shutting_down',
]);

/** A session reached through whichever worker owns it at the moment of each open. */
export class RoutedTunnel implements Tunnel {
  readonly sessionId: string;
  readonly tenantId: string;
  readonly #options: RoutedTunnelOptions;

  constructor(options: RoutedTunnelOptions) {
    this.sessionId = options.sessionId;
    this.tenantId = options.tenantId;
    this.#options = options;
  }

  async open(target: OpenTarget, signal: AbortSignal): Promise<Stream> {
    let last: CulvertError | undefined;
    for (let hop = 0; hop < MAX_HOPS; hop += 1) {
      const route = await this.#options.findRoute(this.sessionId, { refresh: hop > 0 });
      if (route === undefined) break;
      this.#checkTenant(route);
      try {
        return await this.#openOn(route.node, target, signal);
      } catch (thrown) {
        const error = toCulvertError(thrown);
        if (!NOT_THERE.has(error.code) || signal.aborted) throw withRetryAfter(error);
        last = error;
      }
    }
    throw offline(last);
  }

  #openOn(worker: WorkerAddress, target: OpenTarget, signal: AbortSignal): Promise<Stream> {
    const { links, openDeadlineMs = OPEN_DEADLINE_MS } = this.#options;
    const { host, port, kind, connectionId } = target;
    // A key belongs to one stream: a second attempt has one of its own.
    const key = crypto.getRandomValues(new Uint8Array(16));
    const request = { key, sessionId: this.sessionId, connectionId, kind, host, port };
    return links.open(worker, request, { deadlineMs: openDeadlineMs, signal });
  }

  /** The credentials were checked against the session; that its record agrees is a second lock on the same door. */
  #checkTenant(route: OwnerRoute): void {
    if (route.tenantId === this.tenantId) return;
    const fields = { event: 'route.tenant_mismatch', session_id: this.sessionId, tenant_id: this.tenantId };
    this.#options.logger.error({ ...fields, route_tenant: route.tenantId }, 'a route names another tenant');
    throw offline(undefined);
  }
}

function offline(cause: CulvertError | undefined): CulvertError {
  return new CulvertError('session_offline', 'No agent serves this session now.', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Refusals cross the wire as code and message; what a browser should wait is known at the edge. */
export function withRetryAfter(error: CulvertError): CulvertError {
  const wait = error.code === 'session_offline' || error.code === 'limit_exceeded';
  if (!wait || error.retryAfterSeconds !== undefined) return error;
  return new CulvertError(error.code, error.message, { retryAfterSeconds: RETRY_AFTER_SECONDS, cause: error });
}
