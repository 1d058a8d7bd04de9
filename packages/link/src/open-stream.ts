import { type Clock, CulvertError, systemClock } from '@culvert/base';
import type { Opening, OpenRequest, StreamEnd, Streams } from '@culvert/mux';

export interface OpenStreamOptions {
  /** For the agent's answer, ms. */
  readonly deadlineMs: number;
  /** Aborted: the client has gone, the dial is taken back. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/**
 * Opens a stream and waits for the answer, which comes before the deadline or not at all.
 * @throws CulvertError with the refusal's code; target_timeout; cancelled; limit_exceeded; bad_request
 */
export function openStream(streams: Streams, request: OpenRequest, options: OpenStreamOptions): Promise<StreamEnd> {
  const { deadlineMs, signal, clock = systemClock } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new CulvertError('cancelled', 'the client gave up'));
      return;
    }
    // The answer may come before `open` returns, when both ends are in this process.
    let opening: Opening | undefined;
    const settle = (how: () => void): void => {
      cancelTimer();
      signal?.removeEventListener('abort', onAbort);
      how();
    };
    const giveUp = (error: CulvertError): void => {
      opening?.cancel();
      settle(() => reject(error));
    };
    const onAbort = (): void => giveUp(new CulvertError('cancelled', 'the client gave up'));
    const cancelTimer = clock.after(deadlineMs, () => {
      // The agent tells of a target that does not answer; here it is the agent's own answer that is missing.
      const cause = new CulvertError('timeout');
      giveUp(new CulvertError('target_timeout', `no answer from the agent within ${deadlineMs} ms`, { cause }));
    });
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      opening = streams.open(request, {
        opened: (stream) => settle(() => resolve(stream)),
        refused: (code, message) => settle(() => reject(new CulvertError(code, message))),
      });
    } catch (error) {
      settle(() => reject(error));
    }
  });
}
