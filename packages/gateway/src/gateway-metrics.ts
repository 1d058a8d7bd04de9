import { observeLinks, type WorkerLinks } from '@culvert/edge';
import type { Telemetry } from '@culvert/telemetry';
import type { PassThrough } from './pass-through.ts';

export interface GatewayMetrics {
  readonly links: Pick<WorkerLinks, 'size' | 'queuedBytes'>;
  readonly passThrough: Pick<PassThrough, 'links'>;
}

/** What only a gateway shows of itself at /metrics: its links to workers, and those of agents that pass through it. */
export function observeGateway(meter: Telemetry['meter'], { links, passThrough }: GatewayMetrics): void {
  observeLinks(meter, () => [
    { peer: 'worker', active: links.size, queuedBytes: links.queuedBytes },
    // Bytes that pass through are the kernel's to keep.
    { peer: 'agent', active: passThrough.links, queuedBytes: 0 },
  ]);
}
