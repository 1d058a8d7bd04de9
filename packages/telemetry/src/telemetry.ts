import type { Logger } from '@culvert/base';
import { createNoopMeter, type Meter, type Tracer } from '@opentelemetry/api';
import { readExportConfig } from './export/config.ts';
import { NO_TRACES, noTracer, type Traces } from './traces.ts';

/** What a process tells of itself. */
export interface Telemetry {
  /** For `instruments()`. */
  readonly meter: Meter;
  /** Makes spans; ones that cost nothing, and go nowhere, while nothing is traced. */
  readonly tracer: Tracer;
  /** Spans go somewhere. */
  readonly tracing: boolean;
  /** What becomes of the traces that are not sampled; does nothing while nothing is traced. */
  readonly traces: Traces;
  /** Everything measured so far, in the Prometheus text format. */
  text(): Promise<string>;
  /** Sends what is left, within a bound. */
  close(): Promise<void>;
}

export interface BuildInfo {
  readonly role: string;
  readonly version: string;
  readonly node_id: string;
}

export interface TelemetryOptions {
  /** `worker`, `gateway`, …; `agent` and `proxy` for those of customers. */
  readonly role: string;
  readonly version: string;
  readonly nodeId: string;
  /** The process's own: OpenTelemetry's exporters read it by themselves, too. */
  readonly env: NodeJS.ProcessEnv;
  readonly logger: Logger;
}

/**
 * Telemetry as the OTEL_* variables want it: metrics for /metrics always, exports when somebody asks for them. Throws
 * `config_invalid` for variables that are wrong.
 */
export async function startTelemetry({ role, version, nodeId, env, logger }: TelemetryOptions): Promise<Telemetry> {
  const config = readExportConfig(env);
  const build = { role, version, node_id: nodeId };
  if (config.disabled) return noTelemetry();
  // The SDK, or its part for metrics, costs more to load than all the rest of an agent: only who makes metrics or exports loads it.
  if (config.traces.length + config.metrics.length === 0) return (await import('./metrics.ts')).createMetrics(build);
  const { startSdk } = await import('./export/sdk.ts');
  const telemetry = await startSdk(config, build, logger);
  const { traces, metrics } = config;
  logger.info({ event: 'telemetry.export', traces, metrics, sampler: config.sampler }, 'telemetry is exported');
  return telemetry;
}

/** OTEL_SDK_DISABLED: all of it does nothing. */
function noTelemetry(): Telemetry {
  return {
    ...{ meter: createNoopMeter(), tracer: noTracer(), tracing: false, traces: NO_TRACES },
    text: async () => '# OTEL_SDK_DISABLED is true: nothing is measured.\n',
    close: async () => undefined,
  };
}
