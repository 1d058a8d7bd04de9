import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Meter } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

export interface Metrics {
  /** Makes counters, gauges and histograms. Names start with `culvert_`; units as the Prometheus conventions say. */
  readonly meter: Meter;
  /** Everything measured so far, in the Prometheus text format. */
  text(): Promise<string>;
  close(): Promise<void>;
}

export interface BuildInfo {
  readonly role: string;
  readonly version: string;
  readonly node_id: string;
}

/** A provider of its own, not OpenTelemetry's global one: two nodes in one process (tests) stay apart. */
export function createMetrics(build: BuildInfo): Metrics {
  const reader = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [reader] });
  const meter = provider.getMeter('culvert', build.version);
  const serializer = new PrometheusSerializer('', false, undefined, true, true);
  const stopBasics = observeProcess(meter, build);
  return {
    meter,
    async text() {
      const { resourceMetrics, errors } = await reader.collect();
      if (errors.length > 0) throw new AggregateError(errors, 'some metrics could not be collected');
      return serializer.serialize(resourceMetrics);
    },
    async close() {
      stopBasics();
      await provider.shutdown();
    },
  };
}

/** What a person looks at first: is it alive, since when, which build, does its event loop turn. */
function observeProcess(meter: Meter, build: BuildInfo): () => void {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const gauge = (name: string, description: string, read: () => number): void => {
    meter.createObservableGauge(name, { description }).addCallback((result) => result.observe(read()));
  };
  gauge('culvert_uptime_seconds', 'Time since the process started.', () => process.uptime());
  gauge('culvert_resident_memory_bytes', 'Resident set size.', () => process.memoryUsage.rss());
  gauge('culvert_heap_used_bytes', 'JavaScript heap in use.', () => process.memoryUsage().heapUsed);
  gauge('culvert_event_loop_delay_p99_seconds', 'Event loop delay, 99th percentile since the last scrape.', () => {
    const seconds = delay.count === 0 ? 0 : delay.percentile(99) / 1e9;
    delay.reset();
    return seconds;
  });
  meter
    .createObservableGauge('culvert_build_info', { description: 'Always 1; the labels say what runs.' })
    .addCallback((result) => result.observe(1, { ...build }));
  return () => delay.disable();
}
