/** So long a page may be out of sight and still hear: who only looks something up in another tab misses nothing, ms. */
const HIDDEN_MS = 10_000;

/**
 * Opens now, closes while the page is out of sight, opens when it is back. Over HTTP/1.1 a browser has six connections to a host,
 * for all its tabs together: pages that nobody looks at must not hold them. Returns what ends it, closed.
 */
export function whileWatched(open: () => void, close: () => void): () => void {
  let isOpen = false;
  let hiding: ReturnType<typeof setTimeout> | undefined;
  const set = (wanted: boolean): void => {
    if (isOpen === wanted) return;
    isOpen = wanted;
    (wanted ? open : close)();
  };
  const look = (): void => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(() => set(false), HIDDEN_MS);
    else set(true);
  };
  document.addEventListener('visibilitychange', look);
  look();
  return () => {
    document.removeEventListener('visibilitychange', look);
    clearTimeout(hiding);
    set(false);
  };
}
