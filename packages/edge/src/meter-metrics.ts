import type { EdgeMetrics } from './metrics.ts';
import type { ReattachMetrics } from './reattach-metrics.ts';

interface Instrument {
  add(value: number, attributes?: Record<string, string>): void;
}

/** The part of an OpenTelemetry Meter that is needed; this package does not depend on OpenTelemetry. */
export interface MeterLike {
  createCounter(name: string, options: { description: string }): Instrument;
  createUpDownCounter(name: string, options: { description: string }): Instrument;
  createHistogram(
    name: string,
    options: { description: string; unit: string; advice: { explicitBucketBoundaries: number[] } },
  ): { record(value: number, attributes?: Record<string, string>): void };
}

/** Seconds: from a connection on one machine to the open deadline. */
const SETUP_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 35];

/** What the proxy front counts, as metrics of the node that it runs in. */
export function meterMetrics(meter: MeterLike): EdgeMetrics {
  const open = meter.createUpDownCounter('culvert_edge_connections', { description: 'Connections open now.' });
  const opened = meter.createCounter('culvert_edge_opened_total', { description: 'Connections opened.' });
  const closed = meter.createCounter('culvert_edge_closed_total', { description: 'Connections closed, by reason.' });
  const refused = meter.createCounter('culvert_edge_refused_total', { description: 'Requests refused, by code.' });
  const setup = meter.createHistogram('culvert_edge_setup_seconds', {
    description: 'From the request to an open connection to the target.',
    unit: 's',
    advice: { explicitBucketBoundaries: SETUP_BUCKETS },
  });
  return {
    connectionOpened(kind) {
      open.add(1, { kind });
      opened.add(1, { kind });
    },
    connectionClosed(kind, reason) {
      open.add(-1, { kind });
      closed.add(1, { kind, reason });
    },
    refused: (code) => refused.add(1, { code }),
    setupMs: (kind, ms) => setup.record(ms / 1000, { kind }),
  };
}

/** Seconds: from a move on one machine to the resume window. */
const GAP_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2.5, 5, 15, 30, 60];

/** How connections fare that lose their path, as metrics of the node that holds their browsers' sockets. */
export function meterReattachMetrics(meter: MeterLike): ReattachMetrics {
  const resumed = meter.createCounter('culvert_edge_resumed_total', {
    description: 'Connections that went on over another path.',
  });
  const lost = meter.createCounter('culvert_edge_lost_total', {
    description: 'Connections that lost their path and could not go on, by reason.',
  });
  const replayed = meter.createCounter('culvert_edge_replayed_bytes_total', {
    description: 'Bytes that were sent again to an agent over another path.',
  });
  const gap = meter.createHistogram('culvert_edge_gap_seconds', {
    description: 'How long a connection that went on had no path.',
    unit: 's',
    advice: { explicitBucketBoundaries: GAP_BUCKETS },
  });
  return {
    resumed(gapMs, replayedBytes) {
      resumed.add(1);
      replayed.add(replayedBytes);
      gap.record(gapMs / 1000);
    },
    lost: (reason) => lost.add(1, { reason }),
  };
}
