import { Backoff, type ErrorCode, sleep, toCulvertError } from '@culvert/base';

/** An agent finds its next worker, and a registry itself, within a second; behind that, a browser had better hear of it. ms. */
export const WAIT_MS = 5_000;
/** Pauses between two looks, ms. */
export const BACKOFF = { firstMs: 40, maxMs: 500 };
export const FLOOR_MS = 5;

/** Where, and whose, a session is cannot be known now: Redis is away, or is being told again what it lost. */
export function isUnknown(code: ErrorCode): boolean {
  return code === 'registry_unavailable' || code === 'recovering';
}

/** Asks again for as long as nothing can be known, `waitMs` at most; then, and for every other reason, rejects as the last time. */
export async function whileUnknown<T>(ask: () => Promise<T>, waitMs = WAIT_MS): Promise<T> {
  const untilMs = performance.now() + waitMs;
  const backoff = new Backoff(BACKOFF);
  for (;;) {
    try {
      return await ask();
    } catch (thrown) {
      const pauseMs = backoff.next(FLOOR_MS);
      if (!isUnknown(toCulvertError(thrown).code) || performance.now() + pauseMs >= untilMs) throw thrown;
      await sleep(pauseMs);
    }
  }
}
