import type { CommandIo } from './io.ts';

/** A second signal sooner than this is the same key press, told twice: Ctrl-C reaches a whole process group. */
const SECOND_SIGNAL_MS = 500;

/** The first signal asks to stop, one at least 500 ms later means now. Returns how to stop listening. */
export function onStopSignals(
  io: CommandIo,
  stop: (now: boolean) => void,
  nowMs = () => performance.now(),
): () => void {
  let firstAt: number | undefined;
  return io.onSignal(() => {
    if (firstAt === undefined) {
      firstAt = nowMs();
      stop(false);
    } else if (nowMs() - firstAt >= SECOND_SIGNAL_MS) stop(true);
  });
}
