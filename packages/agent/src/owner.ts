import { CulvertError, type ErrorCode, type Logger, toCulvertError } from '@culvert/base';
import type { OwnerRoute } from '@culvert/edge';
import type { RoutingApi } from './api.ts';

/** How long an owner is taken for granted; when it has moved, the old one says so long before (`wrong_owner`). */
const FRESH_MS = 30_000;

/** A ticket is used only while it has this long to live: the dial takes time, and clocks differ. */
const TICKET_MARGIN_MS = 5_000;

/** The API does not know of anybody who serves the session. */
const NOBODY: ReadonlySet<ErrorCode> = new Set(['session_not_found', 'not_found', 'session_offline']);

/** The form of every id that the cluster makes; a name may not be one, or the id wins. */
const SESSION_ID = /^s_[0-9a-hjkmnp-tv-z]{16}$/;

export interface OwnerOptions {
  readonly api: Pick<RoutingApi, 'route' | 'findByName'>;
  /** Id or name. */
  readonly session: string;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

interface Known {
  readonly sessionId: string;
  readonly route: OwnerRoute;
  readonly ticket: string;
  readonly ticketUntilMs: number;
  readonly freshUntilMs: number;
}

/** Looks one session's owner up through the routing API, and keeps what it learned while the API is away. */
export class Owner {
  readonly #options: OwnerOptions;
  readonly #stop = new AbortController();
  #known: Known | undefined;
  #looking: Promise<Known | undefined> | undefined;
  #idOfName: string | undefined;
  /** The API knows the session, and nobody serves it now: its agent may be on the way. */
  #mayReturn = false;

  constructor(options: OwnerOptions) {
    this.#options = options;
  }

  /** The session's id once it is known: a name is looked up when it is first needed. */
  get sessionId(): string {
    return this.#known?.sessionId ?? this.#idOfName ?? this.#options.session;
  }

  /** After a lookup that found nobody: may somebody come back? */
  get mayReturn(): boolean {
    return this.#mayReturn;
  }

  /** For `RoutedTunnel`. Undefined: nobody serves the session. Rejects with `session_offline` when that cannot be known. */
  async find({ refresh }: { readonly refresh: boolean }): Promise<OwnerRoute | undefined> {
    const known = this.#known;
    if (known && !refresh && this.#options.nowMs() < known.freshUntilMs) return known.route;
    try {
      return (await this.look())?.route;
    } catch (thrown) {
      const error = toCulvertError(thrown);
      this.#options.logger.warn({ event: 'route.lookup_failed', code: error.code }, error.message);
      if (known && !refresh) return known.route; // what was true goes on being tried while the API is away
      const message = `The owner of the session cannot be looked up: ${error.message}`;
      throw new CulvertError('session_offline', message, { retryAfterSeconds: 1, cause: error });
    }
  }

  /** A ticket for a link to that worker. Rejects when the worker is not the owner any more. */
  async ticketFor(nodeId: string): Promise<string> {
    const usable = (known: Known | undefined): known is Known =>
      known?.route.node.id === nodeId && this.#options.nowMs() < known.ticketUntilMs;
    if (usable(this.#known)) return this.#known.ticket;
    const known = await this.look();
    if (usable(known)) return known.ticket;
    throw new CulvertError('wrong_owner', `${nodeId} does not own the session any more`);
  }

  /** Asks the API now; lookups at one time are one. Rejects with the API's code. */
  look(): Promise<Known | undefined> {
    this.#looking ??= this.#ask().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** Ends a lookup that is under way. */
  close(): void {
    this.#stop.abort(new CulvertError('shutting_down'));
  }

  async #ask(): Promise<Known | undefined> {
    const { api, nowMs } = this.#options;
    try {
      const sessionId = await this.#resolveId();
      const { node, url, ticket, expiresAtMs, epoch } = await api.route(sessionId, this.#stop.signal);
      this.#known = {
        sessionId,
        // The API tells no boot: links of a life that has ended have ended with it.
        route: { tenantId: '', node: { id: node, boot: '', link: url }, ...(epoch === undefined ? {} : { epoch }) },
        ticket,
        ticketUntilMs: Math.max(expiresAtMs - TICKET_MARGIN_MS, nowMs() + 1),
        freshUntilMs: nowMs() + FRESH_MS,
      };
    } catch (thrown) {
      const { code } = toCulvertError(thrown);
      if (!NOBODY.has(code)) throw thrown;
      this.#mayReturn = code === 'session_offline';
      this.#known = undefined;
    }
    return this.#known;
  }

  async #resolveId(): Promise<string> {
    const { api, session } = this.#options;
    if (SESSION_ID.test(session)) return session;
    this.#idOfName ??= await api.findByName(session, this.#stop.signal);
    return this.#idOfName;
  }
}
