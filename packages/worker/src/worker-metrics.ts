import { instruments, type Telemetry } from '@culvert/telemetry';
import type { Sessions } from './sessions.ts';

export interface WorkerMetrics {
  readonly sessions: Sessions;
  readonly links: () => number;
  readonly suspect: () => boolean;
}

/** What a worker shows of itself at /metrics: absolute counts, read when asked. */
export function observeWorker(meter: Telemetry['meter'], { sessions, suspect }: WorkerMetrics): void {
  const make = instruments(meter);
  make.gauge('culvert.session.active').addCallback((result) => {
    let busy = 0;
    const all = sessions.all();
    for (const actor of all) if (actor.state.phase !== 'away' && actor.connections > 0) busy += 1;
    result.observe(busy, { state: 'busy' });
    result.observe(sessions.size - busy, { state: 'idle' });
    result.observe(all.length - sessions.size, { state: 'offline' });
  });
  make.gauge('culvert.worker.connections').addCallback((result) => result.observe(sessions.connections));
  make.gauge('culvert.worker.suspect').addCallback((result) => result.observe(suspect() ? 1 : 0));
}
