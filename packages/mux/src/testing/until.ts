/** Longer than anything in a test takes that goes well, ms. */
const DEADLINE_MS = 5_000;

/** Resolves once the condition holds, looked at in every turn of the event loop; rejects when that takes too long. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const late = performance.now() + DEADLINE_MS;
  while (!condition()) {
    if (performance.now() > late) throw new Error(`in vain: ${what}`);
    await new Promise(setImmediate);
  }
}
