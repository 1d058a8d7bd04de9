/** Ctrl-C reaches the whole foreground group, and npm forwards it again: signals this close together are one. */
const SAME_SIGNAL_MS = 500;

/**
 * The first SIGINT, SIGTERM or SIGHUP, or the end of the parent process, asks to stop; a signal at least 500 ms later
 * asks to hurry. Returns how to stop listening.
 */
export function onStopSignals(stop: (why: string) => void, hurry: () => void): () => void {
  let firstAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      stop(signal);
    } else if (now - firstAt >= SAME_SIGNAL_MS) hurry();
  };
  const onDisconnect = (): void => {
    firstAt ??= performance.now();
    stop('the process that started this one is gone');
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  process.on('disconnect', onDisconnect);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
    process.off('disconnect', onDisconnect);
  };
}
