import { Backoff, sleep } from '@culvert/base';

/** Longer than any server needs to agree with the others on a busy machine. */
const AGREE_TIMEOUT_MS = 30_000;

/**
 * Asks again until the answer is true. Only for what a server tells nobody unasked (roles, links, maps); rejections
 * count as "not yet", and the last one is told if the deadline passes.
 */
export async function until(what: string, ask: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + AGREE_TIMEOUT_MS;
  const backoff = new Backoff({ firstMs: 10, maxMs: 100 });
  for (;;) {
    let last: unknown;
    try {
      if (await ask()) return;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) throw new Error(`not within ${AGREE_TIMEOUT_MS} ms: ${what}`, { cause: last });
    await sleep(backoff.next(10));
  }
}
