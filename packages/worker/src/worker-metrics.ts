import type { Metrics } from '@culvert/service';
import type { Sessions } from './sessions.ts';

export interface WorkerMetrics {
  readonly sessions: Sessions;
  readonly links: () => number;
  readonly suspect: () => boolean;
}

/** What a worker shows of itself at /metrics: absolute counts, read when asked. */
export function observeWorker(meter: Metrics['meter'], { sessions, links, suspect }: WorkerMetrics): void {
  meter
    .createObservableGauge('culvert_sessions', { description: 'Sessions on this worker, by state.' })
    .addCallback((result) => {
      let busy = 0;
      const all = sessions.all();
      for (const actor of all) if (actor.state.phase !== 'away' && actor.connections > 0) busy += 1;
      result.observe(busy, { state: 'busy' });
      result.observe(sessions.size - busy, { state: 'idle' });
      result.observe(all.length - sessions.size, { state: 'offline' });
    });
  meter
    .createObservableGauge('culvert_connections', { description: 'Connections through this worker now.' })
    .addCallback((result) => result.observe(sessions.connections));
  meter
    .createObservableGauge('culvert_links', { description: 'Links of agents, gateways and local proxies.' })
    .addCallback((result) => result.observe(links()));
  meter
    .createObservableGauge('culvert_node_suspect', {
      description: '1 while the worker is cut off from the registry, or has not checked its sessions since; else 0.',
    })
    .addCallback((result) => result.observe(suspect() ? 1 : 0));
}
