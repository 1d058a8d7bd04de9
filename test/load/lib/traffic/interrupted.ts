/** The run, or this VU, has come to its end in the middle of an iteration: the iteration does not count. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted at the end of the run');
  }
}

/** `work`, or a rejection with `Interrupted` as soon as the signal is aborted; `release` lets go of what it holds then. */
export async function orInterrupted<T>(signal: AbortSignal, release: () => void, work: Promise<T>): Promise<T> {
  if (signal.aborted) {
    release();
    work.catch(() => undefined); // it was let go of
    throw new Interrupted();
  }
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => {
    reject(new Interrupted());
    release();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
