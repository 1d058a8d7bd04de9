import type { ProbeCheck, ProbedNode } from '@culvert/contracts';
import { instruments, type Telemetry } from '@culvert/telemetry';

/** The metrics of the probes. */
export interface ProbeMetrics {
  checked(check: ProbeCheck, ms: number | undefined): void;
  /** What the last round of this process found. */
  found(nodes: readonly ProbedNode[]): void;
}

export function probeMetrics(meter: Telemetry['meter']): ProbeMetrics {
  const make = instruments(meter);
  const results = make.counter('culvert.probe.results');
  const duration = make.histogram('culvert.probe.duration');
  let last: readonly ProbedNode[] = [];
  make.gauge('culvert.probe.up').addCallback((result) => {
    for (const { id, role, state } of last) result.observe(state === 'up' ? 1 : 0, { 'culvert.node.id': id, role });
  });
  return {
    checked(check, ms) {
      results.add(1, { check, outcome: ms === undefined ? 'failed' : 'ok' });
      if (ms !== undefined) duration.record(ms / 1_000, { check });
    },
    found: (nodes) => {
      last = nodes;
    },
  };
}
