import type { LogFields, Logger } from '@culvert/base';
import type { ConnectionObserver, ConnectionWish, EdgeObserver } from './observer.ts';
import type { StreamSummary } from './tracked-stream.ts';

/**
 * Tells the story of each connection in this process's log, one line a step, with the fields that join it to the lines of the
 * worker and the agent. `fields` of an observer before this one (the ids of a trace) stand on each line.
 */
export function loggedConnections(logger: Logger): EdgeObserver {
  return {
    connecting: (wish, fields) => new LoggedConnection(logger, wish, fields),
    // Told by who answers: it knows the client, and what else was asked for.
    refused: () => undefined,
  };
}

class LoggedConnection implements ConnectionObserver {
  readonly #logger: Logger;
  readonly #wish: ConnectionWish;
  readonly #fields: LogFields | undefined;
  /** The worker that was asked last, or goes on with it. */
  #worker: string | undefined;

  constructor(logger: Logger, wish: ConnectionWish, fields: LogFields | undefined) {
    this.#logger = logger;
    this.#wish = wish;
    this.#fields = fields;
  }

  asked({ node }: { readonly node: string }): void {
    this.#worker = node;
  }

  opened(setupMs: number): void {
    const fields = { ...this.#about('connection.open'), setup_ms: Math.round(setupMs) };
    this.#logger.info(fields, 'connection open');
  }

  failed({ code, message }: { readonly code: string; readonly message: string }, setupMs: number): void {
    const fields = { ...this.#about('connection.failed'), code, setup_ms: Math.round(setupMs), detail: message };
    this.#logger.info(fields, `no connection: ${code}`);
  }

  detached(why: string, from: string | null): void {
    const about = { ...this.#ids('connection.detach'), from: from ?? this.#worker, reason: why };
    this.#logger.info(about, 'connection lost its path');
  }

  resumed({ gapMs, replayedBytes, from, to }: Parameters<ConnectionObserver['resumed']>[0]): void {
    this.#worker = to;
    const path = { from, to, gap_ms: Math.round(gapMs), replayed_bytes: replayedBytes };
    this.#logger.info({ ...this.#ids('connection.resume'), ...path }, 'connection goes on over another path');
  }

  lost(code: string, gapMs: number): void {
    const fields = { ...this.#ids('connection.lost'), code, gap_ms: Math.round(gapMs) };
    this.#logger.warn(fields, 'connection lost: no path was found for it');
  }

  closed({ closedBy, reason, message, bytesIn, bytesOut }: StreamSummary, durationMs: number): void {
    const counts = { duration_ms: Math.round(durationMs), bytes_in: bytesIn, bytes_out: bytesOut };
    const why = { closed_by: closedBy, reason, ...(message === '' ? {} : { detail: message }) };
    this.#logger.info({ ...this.#about('connection.close'), ...counts, ...why }, 'connection closed');
  }

  #ids(event: string): LogFields {
    const { sessionId, tenantId, connectionId } = this.#wish;
    return { event, session_id: sessionId, tenant_id: tenantId, connection_id: connectionId, ...this.#fields };
  }

  #about(event: string): LogFields {
    const { target, kind } = this.#wish;
    const host = target.host.includes(':') ? `[${target.host}]` : target.host;
    return { ...this.#ids(event), target: `${host}:${target.port}`, kind, worker: this.#worker };
  }
}
