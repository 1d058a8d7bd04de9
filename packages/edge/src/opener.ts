import { CulvertError, randomId, toCulvertError } from '@culvert/base';
import type { Stream, StreamKind } from '@culvert/mux';
import type { ObservedConnections } from './observed-connections.ts';
import type { ConnectionObserver } from './observer.ts';
import type { Target, Tunnel } from './resolver.ts';
import { TrackedStream } from './tracked-stream.ts';

export interface OpenerOptions {
  /** From the browser's wish to an open connection, ms; includes looking up the owner and the agent's dial. */
  readonly deadlineMs: number;
  readonly observed: ObservedConnections;
}

/** Opens connections for the proxy front: with a deadline, and an observer who hears of their life from end to end. */
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
      observer.opened(performance.now() - startedAt, inner);
      return this.#track(inner, observer);
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

  #track(inner: Stream, observer: ConnectionObserver): Stream {
    const { observed } = this.#options;
    const openedAt = performance.now();
    return new TrackedStream(inner, (summary) => {
      observer.closed(summary, performance.now() - openedAt);
      observed.forget(inner.connectionId);
    });
  }
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
