import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { observeProcess } from './process-metrics.ts';
import { PrometheusText } from './prometheus-text.ts';
import type { BuildInfo, Telemetry } from './telemetry.ts';
import { NO_TRACES, noTracer } from './traces.ts';

/**
 * Metrics for /metrics, and nothing that leaves the process. A provider of its own, not OpenTelemetry's global one: two nodes in
 * one process (tests) stay apart.
 */
export function createMetrics(build: BuildInfo): Telemetry {
  const text = new PrometheusText();
  const provider = new MeterProvider({ readers: [text.reader] });
  const meter = provider.getMeter('culvert', build.version);
  const stopBasics = observeProcess(meter, build);
  return {
    ...{ meter, tracer: noTracer(), tracing: false, traces: NO_TRACES },
    text: () => text.read(),
    async close() {
      stopBasics();
      await provider.shutdown();
    },
  };
}
