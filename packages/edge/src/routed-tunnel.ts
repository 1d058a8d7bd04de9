import {
  Backoff,
  type Clock,
  CulvertError,
  type ErrorCode,
  type Logger,
  pause,
  systemClock,
  toCulvertError,
} from '@culvert/base';
import type { Stream } from '@culvert/mux';
import type { OpenTarget, Tunnel } from './resolver.ts';
import { BACKOFF, FLOOR_MS, isUnknown, WAIT_MS } from './while-unknown.ts';
import type { WorkerAddress, WorkerLinks } from './worker-links.ts';

/** Who owns a session now. */
export interface OwnerRoute {
  readonly tenantId: string;
  /** Undefined: not known here. */
  readonly epoch?: number;
  readonly node: WorkerAddress;
}

/** Finds a session's owner; `refresh`: what was answered last turned out to be wrong. Undefined: nobody owns it. */
export type FindRoute = (sessionId: string, options: { refresh: boolean }) => Promise<OwnerRoute | undefined>;

export interface RoutedTunnelOptions {
  readonly sessionId: string;
  readonly tenantId: string;
  readonly links: Pick<WorkerLinks, 'open'>;
  readonly findRoute: FindRoute;
  /**
   * Nobody owns the session: is somebody on the way? Its agent is known, and only between two workers. `ownerless`: it is, and
   * the worker that it had is gone, which is no fault of the agent's.
   */
  readonly mayReturn?: (sessionId: string) => Promise<boolean | 'ownerless'>;
  /** For the agent's answer, ms. */
  readonly openDeadlineMs?: number;
  /** How long a connection waits for a session that is between two workers, ms. */
  readonly waitMs?: number;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly random?: () => number;
}

const RETRY_AFTER_SECONDS = 1;
/** The agent gives a dial 30 s at most; behind that, nothing answers any more. */
const OPEN_DEADLINE_MS = 32_000;
/**
 * After the first owner, so many more are tried when each says that it is the wrong one. More would only help if the registry
 * were wrong for long, and then every connection of the session would go from one worker to the next.
 */
const MAX_HOPS = 2;
/** Before the last one: the registry may be ahead of an owner whose claim is under way (1 s at most, as a rule 1 ms). */
const HOP_PAUSE_MS = 250;
/** An attempt that lasted longer than this had found the owner. ms. */
const LONG_MS = 1_000;
/** Answers that say no more than: this is not where the session is served (now). */
const NOT_THERE = new Set<ErrorCode>([
  'wrong_owner',
  'session_offline',
  'node_unreachable',
  'link_lost',
  'link_timeout',
  'draining',
  'shutting_down',
  'superseded',
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

  /**
   * Asks the owner; when that was the wrong one, the next one, twice at most; when it is gone, or nobody owns the session, again
   * for `waitMs`. All attempts carry one key: an agent that has heard an earlier one goes on with it (SPEC §6.2).
   */
  async open(target: OpenTarget, signal: AbortSignal): Promise<Stream> {
    const { clock = systemClock, waitMs = WAIT_MS, random } = this.#options;
    const key = crypto.getRandomValues(new Uint8Array(16));
    const backoff = new Backoff({ ...BACKOFF, ...(random === undefined ? {} : { random }) });
    // Of waiting, not of dialing: an attempt that was on its way for long (a slow target, a frozen worker) starts it anew.
    let untilMs: number | undefined;
    let last: CulvertError | undefined;
    let wrongOwners = 0;
    for (let attempt = 0; ; attempt += 1) {
      const found = await this.#look(attempt > 0);
      let floorMs = FLOOR_MS;
      if (found instanceof CulvertError) last = found;
      else {
        const askedAtMs = clock.monotonic();
        try {
          target.observer?.asked?.({ node: found.node.id, epoch: found.epoch });
          return await this.#openOn(found.node, target, { key, attempt, signal });
        } catch (thrown) {
          last = toCulvertError(thrown);
          if (!NOT_THERE.has(last.code) || signal.aborted) throw withRetryAfter(last);
          if (clock.monotonic() - askedAtMs > LONG_MS) untilMs = undefined;
          if (last.code === 'wrong_owner') {
            wrongOwners += 1;
            if (wrongOwners > MAX_HOPS) throw offline(last);
            if (wrongOwners === MAX_HOPS) floorMs = HOP_PAUSE_MS;
          }
        }
      }
      // The first refusal is answered by looking again at once: a route that was remembered may be old.
      const pauseMs = attempt === 0 && last !== found ? 0 : backoff.next(floorMs);
      untilMs ??= clock.monotonic() + waitMs;
      if (clock.monotonic() + pauseMs >= untilMs) throw isUnknown(last.code) ? last : offline(last);
      if (pauseMs > 0) await pause(clock, pauseMs, signal);
      if (signal.aborted) throw new CulvertError('cancelled', 'the browser gave up');
    }
  }

  #openOn(
    worker: WorkerAddress,
    target: OpenTarget,
    { key, attempt, signal }: { key: Uint8Array; attempt: number; signal: AbortSignal },
  ): Promise<Stream> {
    const { links, openDeadlineMs = OPEN_DEADLINE_MS } = this.#options;
    const { host, port, kind, connectionId, observer } = target;
    const request = { key, sessionId: this.sessionId, connectionId, kind, host, port };
    const again = attempt === 0 ? {} : { attempt };
    const traced = observer?.traceparent === undefined ? {} : { traceparent: observer.traceparent };
    return links.open(worker, { ...request, ...again, ...traced }, { deadlineMs: openDeadlineMs, signal });
  }

  /**
   * The owner, or why none is known that may be known in a moment: its agent is between two workers, or the registry is away or
   * being told again what it lost. Rejects when nothing is on the way.
   */
  async #look(refresh: boolean): Promise<OwnerRoute | CulvertError> {
    try {
      const route = await this.#options.findRoute(this.sessionId, { refresh });
      if (route !== undefined) {
        this.#checkTenant(route);
        return route;
      }
      const returns = await this.#options.mayReturn?.(this.sessionId);
      if (returns === 'ownerless') return offline(new CulvertError('node_unreachable', 'its worker is gone'));
      if (returns) return offline(undefined);
    } catch (thrown) {
      const error = toCulvertError(thrown);
      if (isUnknown(error.code)) return error;
      throw error;
    }
    throw offline(undefined);
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
