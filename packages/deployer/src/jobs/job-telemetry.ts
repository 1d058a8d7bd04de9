import type { Telemetry } from '@culvert/telemetry';
import type { Telemetry as BullTelemetry } from 'bullmq';

/** Has BullMQ make spans of its own: of adding a job, and of the work on it, which is a child of that. */
export type JobTelemetry = BullTelemetry;

/**
 * Undefined while nothing is traced. There is no asynchronous context in our processes, so what a job adds while it runs begins
 * a trace of its own: a chain of ticks is many traces with links, not one that never ends.
 */
export async function jobTelemetryOf({ tracing }: Pick<Telemetry, 'tracing'>): Promise<JobTelemetry | undefined> {
  if (!tracing) return undefined;
  const { BullMQOtel } = await import('bullmq-otel');
  return new BullMQOtel({ tracerName: 'bullmq' });
}
