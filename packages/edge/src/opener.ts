import { CulvertError, type Logger, randomId, toCulvertError } from '@culvert/base';
import type { Stream, StreamKind } from '@culvert/mux';
import type { ObservedConnections } from './observed-connections.ts';
import type { ConnectionObserver } from './observer.ts';
import type { Target, Tunnel } from './resolver.ts';
import { type StreamSummary, TrackedStream } from './tracked-stream.ts';

export interface OpenerOptions {
  /** From the browser's wish to an open connection, ms; includes looking up the owner and the agent's dial. */
  readonly deadlineMs: number;
  readonly logger: Logger;
  readonly observed: ObservedConnections;
}

interface Opened {
  readonly tunnel: Tunnel;
  readonly target: Target;
  readonly kind: StreamKind;
  readonly observer: ConnectionObserver;
}

/** Opens connections for the proxy front: with a deadline, and with a line in the log at each end of their life. */
export class Opener {
  readonly #options: OpenerOptions;

  constructor(options: OpenerOptions) {
    this.#options = options;
  }

  /** `gone` is aborted when the browser gives up. @throws CulvertError */
  async open(tunnel: Tunnel, target: Target, kind: StreamKind, gone: AbortSignal): Promise<Stream> {
    const { deadlineMs, observed } = this.#options;
    const startedAt = performance.now();
    const connectionId = randomId('c');
    const { sessionId, tenantId } = tunnel;
    const observer = observed.begin({ sessionId, tenantId, connectionId, kind, target });
    const controller = new AbortController();
    const onGone = (): void => controller.abort(new CulvertError('cancelled', 'the browser gave up'));
    const timer = setTimeout(() => {
      controller.abort(new CulvertError('target_timeout', `No connection to the target within ${deadlineMs} ms.`));
    }, deadlineMs);
    gone.addEventListener('abort', onGone, { once: true });
    try {
      if (gone.aborted) onGone();
      const { host, port } = target;
      const opening = tunnel.open({ host, port, kind, connectionId, observer }, controller.signal);
      const inner = await unlessAborted(opening, controller.signal);
      observer.opened(performance.now() - startedAt);
      return this.#track(inner, { tunnel, target, kind, observer });
    } catch (thrown) {
      const error = toCulvertError(thrown);
      observer.failed(error, performance.now() - startedAt);
      observed.forget(connectionId);
      throw error;
    } finally {
      clearTimeout(timer);
      gone.removeEventListener('abort', onGone);
    }
  }

  #track(inner: Stream, { tunnel, target, kind, observer }: Opened): Stream {
    const { logger, observed } = this.#options;
    const openedAt = performance.now();
    const fields = {
      session_id: tunnel.sessionId,
      tenant_id: tunnel.tenantId,
      connection_id: inner.connectionId,
      target: `${target.host}:${target.port}`,
      kind,
    };
    logger.info({ event: 'connection.open', ...fields }, 'connection open');
    return new TrackedStream(inner, (summary) => {
      const durationMs = performance.now() - openedAt;
      observer.closed(summary, durationMs);
      observed.forget(inner.connectionId);
      logger.info({ event: 'connection.close', ...fields, ...closeFields(summary, durationMs) }, 'connection closed');
    });
  }
}

function closeFields(summary: StreamSummary, durationMs: number): Record<string, unknown> {
  const { closedBy, reason, message, bytesIn, bytesOut } = summary;
  return {
    duration_ms: Math.round(durationMs),
    bytes_in: bytesIn,
    bytes_out: bytesOut,
    closed_by: closedBy,
    reason,
    ...(message === '' ? {} : { detail: message }),
  };
}

/** The stream, unless `signal` fires first; then a stream that comes all the same is closed, not leaked. */
function unlessAborted(opening: Promise<Stream>, signal: AbortSignal): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    opening.then(
      (stream) => {
        signal.removeEventListener('abort', onAbort);
        if (signal.aborted) stream.reset('cancelled', 'opened too late');
        else resolve(stream);
      },
      (error: unknown) => {
        signal.removeEventListener('abort', onAbort);
        reject(error);
      },
    );
  });
}
