import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type MeterLike, meterReattachMetrics } from './meter-metrics.ts';

it('connections that lose their path are counted: how many went on, after how long, with how much sent again; how many not, and why', () => {
  const told: unknown[] = [];
  const instrument = (name: string) => ({
    add: (value: number, attributes?: Record<string, string>) =>
      told.push([name, value, ...(attributes ? [attributes] : [])]),
    record: (value: number) => told.push([name, value]),
  });
  const meter: MeterLike = {
    createCounter: instrument,
    createUpDownCounter: instrument,
    createHistogram: instrument,
  };
  const metrics = meterReattachMetrics(meter);
  metrics.resumed(250, 4_096);
  metrics.lost('resume_expired');
  assert.deepEqual(told, [
    ['culvert_edge_resumed_total', 1],
    ['culvert_edge_replayed_bytes_total', 4_096],
    ['culvert_edge_gap_seconds', 0.25],
    ['culvert_edge_lost_total', 1, { reason: 'resume_expired' }],
  ]);
});
