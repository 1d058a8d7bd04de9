import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 25;
const DEADLINE_MS = 15_000;

/**
 * Asks `look` until it answers with something, for what tells nobody when it happens. Fails with `what` and the last
 * error after the deadline.
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (let last: unknown; ; ) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      const reason = last instanceof Error ? `: ${last.message}` : '';
      assert.fail(`not within ${deadlineMs} ms: ${what}${reason}`);
    }
    await delay(POLL_MS);
  }
}
