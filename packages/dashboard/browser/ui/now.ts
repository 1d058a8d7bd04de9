import { useEffect, useState } from 'preact/hooks';

const TICK_MS = 1_000;
const watchers = new Set<(now: number) => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

function watch(watcher: (now: number) => void): () => void {
  watchers.add(watcher);
  ticking ??= setInterval(() => {
    for (const tell of watchers) tell(Date.now());
  }, TICK_MS);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(ticking);
    ticking = undefined;
  };
}

/** The time, anew each second: one clock for the whole page. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => watch(setNow), []);
  return now;
}
