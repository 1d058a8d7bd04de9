import { CulvertError, type Logger, randomId, toCulvertError } from '@culvert/base';
import type { Stream, StreamKind } from '@culvert/mux';
import type { EdgeMetrics } from './metrics.ts';
import type { Target, Tunnel } from './resolver.ts';
import { type StreamSummary, TrackedStream } from './tracked-stream.ts';

export interface OpenerOptions {
  /** From the browser's wish to an open connection, ms; includes looking up the owner and the agent's dial. */
  readonly deadlineMs: number;
  readonly logger: Logger;
  readonly metrics: EdgeMetrics;
}

/** Opens connections for the proxy front: with a deadline, and with a line in the log at each end of their life. */
export class Opener {
  readonly #options: OpenerOptions;

  constructor(options: OpenerOptions) {
    this.#options = options;
  }

  /** `gone` is aborted when the browser gives up. @throws CulvertError */
  async open(tunnel: Tunnel, target: Target, kind: StreamKind, gone: AbortSignal): Promise<Stream> {
    const { deadlineMs, metrics } = this.#options;
    const startedAt = performance.now();
    const connectionId = randomId('c');
    const controller = new AbortController();
    const onGone = (): void => controller.abort(new CulvertError('cancelled', 'the browser gave up'));
    const timer = setTimeout(() => {
      controller.abort(new CulvertError('target_timeout', `No connection to the target within ${deadlineMs} ms.`));
    }, deadlineMs);
    gone.addEventListener('abort', onGone, { once: true });
    try {
      if (gone.aborted) onGone();
      const { host, port } = target;
      const opening = tunnel.open({ host, port, kind, connectionId }, controller.signal);
      const inner = await unlessAborted(opening, controller.signal);
      metrics.setupMs(kind, performance.now() - startedAt);
      return this.#track(inner, tunnel, target, kind);
    } catch (error) {
      throw toCulvertError(error);
    } finally {
      clearTimeout(timer);
      gone.removeEventListener('abort', onGone);
    }
  }

  #track(inner: Stream, tunnel: Tunnel, target: Target, kind: StreamKind): Stream {
    const { logger, metrics } = this.#options;
    const openedAt = performance.now();
    const fields = {
      session_id: tunnel.sessionId,
      tenant_id: tunnel.tenantId,
      connection_id: inner.connectionId,
      target: `${target.host}:${target.port}`,
      kind,
    };
    metrics.connectionOpened(kind);
    logger.info({ event: 'connection.open', ...fields }, 'connection open');
    return new TrackedStream(inner, (summary) => {
      metrics.connectionClosed(kind, summary.reason);
      logger.info({ event: 'connection.close', ...fields, ...closeFields(summary, openedAt) }, 'connection closed');
    });
  }
}

function closeFields(summary: StreamSummary, openedAt: number): Record<string, unknown> {
  const { closedBy, reason, message, bytesIn, bytesOut } = summary;
  return {
    duration_ms: Math.round(performance.now() - openedAt),
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
