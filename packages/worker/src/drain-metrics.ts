import type { Instruments } from '@culvert/telemetry';
import type { DirectConnections } from './direct-connections.ts';
import type { Drain } from './drain.ts';
import type { Sessions } from './sessions.ts';

export interface DrainMetrics {
  readonly sessions: Pick<Sessions, 'ofCustomers'>;
  readonly drain: Pick<Drain, 'state'>;
  readonly direct: Pick<DirectConnections, 'all'>;
  /** ms since the Unix epoch. */
  readonly nowMs: () => number;
}

/** How far a drain of this worker has come, and for how long somebody has been using what it waits for. */
export function observeDrain(make: Instruments, { sessions, drain, direct, nowMs }: DrainMetrics): void {
  const present = () =>
    drain.state === 'off' ? [] : sessions.ofCustomers().filter(({ state }) => state.phase !== 'away');
  make.gauge('culvert.drain.remaining').addCallback((result) => {
    const all = present();
    const busy = all.filter(({ connections }) => connections > 0).length;
    result.observe(all.length - busy, { state: 'idle' });
    result.observe(busy, { state: 'busy' });
  });
  make.gauge('culvert.drain.oldest_busy.age').addCallback((result) => {
    const now = nowMs();
    let oldestMs = now;
    for (const { side } of present()) for (const one of side.circuits()) oldestMs = Math.min(oldestMs, one.openedAtMs);
    // Their sessions may have gone already: the browser's socket is here.
    if (drain.state !== 'off') for (const one of direct.all()) oldestMs = Math.min(oldestMs, one.openedAtMs);
    result.observe((now - oldestMs) / 1000);
  });
}
