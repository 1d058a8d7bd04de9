import type { LiveNode } from '@culvert/contracts';
import { count, percent } from '../../format/quantities.ts';

/** How full a worker is: the busy ones, then the idle ones, of what it takes at most. */
export function CapacityBar({ node }: { readonly node: LiveNode }) {
  const { sessions, capacity, busy } = node;
  if (capacity === 0) return null;
  const share = (part: number): string => `${Math.min(100, (part / capacity) * 100)}%`;
  const busyOnes = Math.min(busy ?? 0, sessions);
  const words = `${count(sessions)} of ${count(capacity)} sessions, ${percent(sessions / capacity, 1)} full`;
  return (
    <div class="cluster-bar" role="img" aria-label={words} title={words}>
      <span class="busy-part" style={{ width: share(busyOnes) }} />
      <span class="idle-part" style={{ width: share(sessions - busyOnes) }} />
    </div>
  );
}
