import { type LinkReading, observeLinks } from '@culvert/edge';
import { instruments, type Telemetry } from '@culvert/telemetry';
import { type DrainMetrics, observeDrain } from './drain-metrics.ts';
import { meteredSessions } from './session-metrics.ts';
import type { Sessions } from './sessions.ts';

export interface WorkerMetrics extends DrainMetrics {
  readonly selfId: string;
  readonly sessions: Sessions;
  readonly links: () => readonly LinkReading[];
  readonly suspect: () => boolean;
  /** It takes no new sessions. */
  readonly cordoned: () => boolean;
}

/** What a worker shows of itself at /metrics: absolute counts, read when asked, and what became of sessions. */
export function observeWorker(meter: Telemetry['meter'], worker: WorkerMetrics): void {
  const { sessions, links, suspect, cordoned, selfId } = worker;
  const make = instruments(meter);
  make.gauge('culvert.session.active').addCallback((result) => {
    let busy = 0;
    const all = sessions.ofCustomers();
    for (const actor of all) if (actor.state.phase !== 'away' && actor.connections > 0) busy += 1;
    result.observe(busy, { state: 'busy' });
    result.observe(sessions.size - busy, { state: 'idle' });
    result.observe(all.length - sessions.size, { state: 'offline' });
  });
  make.gauge('culvert.worker.connections').addCallback((result) => result.observe(sessions.connections));
  make.gauge('culvert.worker.suspect').addCallback((result) => result.observe(suspect() ? 1 : 0));
  make.gauge('culvert.worker.cordoned').addCallback((result) => result.observe(cordoned() ? 1 : 0));
  sessions.watch(meteredSessions(make, selfId));
  observeDrain(make, worker);
  observeLinks(meter, links);
}
