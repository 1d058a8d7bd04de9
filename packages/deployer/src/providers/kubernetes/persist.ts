import { Backoff, type CulvertError, sleep } from '@culvert/base';
import { failed, isRefusal } from './problem.ts';

const RETRY = { firstMs: 100, maxMs: 2_000 };

/** A 409: what was read has changed since, and has to be read again. */
const CONFLICT = 409;

/**
 * Does `work` until it succeeds, or is refused for good, or `signal` says that time is up; a conflict, and what may pass by
 * itself, is tried again after a pause. Rejects with `provider_failed` and the last refusal's words, or with the signal's
 * reason if there was none.
 */
export async function persist<T>(what: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const backoff = new Backoff(RETRY);
  let last: CulvertError | undefined;
  for (;;) {
    if (signal.aborted) throw last ?? signal.reason;
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) throw last ?? signal.reason;
      if (!isRefusal(error)) throw error;
      last = failed(`${what}: ${error.words}`, error);
      if (!error.isTransient && error.status !== CONFLICT) throw last;
      await sleep(backoff.next(error.waitMs || RETRY.firstMs / 2), signal);
    }
  }
}
