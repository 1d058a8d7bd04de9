import { CulvertError } from '@culvert/base';
import { listed, SETTINGS, SWITCHES, UNSPEAKABLE } from './variables.ts';

export type OtlpProtocol = 'http/protobuf' | 'http/json' | 'grpc';
/** Where a signal goes: to a collector, or to stdout for a look at it. */
export type Destination = OtlpProtocol | 'console';
type Signal = 'TRACES' | 'METRICS';

const DEFAULT_SLOW_MS = 1_000;
/** As the specification has them (OpenTelemetry, "Environment Variable Specification", batch span processor, metric reader). */
const QUEUE_SIZE = 2_048;
const BATCH_SIZE = 512;
const EXPORT_INTERVAL_MS = 60_000;
const EXPORT_TIMEOUT_MS = 30_000;

/** What a process exports, by the standard variables; each signal goes nowhere unless somebody says so. */
export interface ExportConfig {
  /** Nothing is measured, either. */
  readonly disabled: boolean;
  readonly traces: readonly Destination[];
  readonly metrics: readonly Destination[];
  readonly sampler: { readonly name: string; readonly ratio: number };
  readonly batch: {
    readonly maxQueueSize: number;
    readonly maxExportBatchSize: number;
    readonly scheduledDelayMillis?: number;
    readonly exportTimeoutMillis?: number;
  };
  readonly reader: { readonly exportIntervalMillis: number; readonly exportTimeoutMillis: number };
  /** A connection whose set-up takes longer is kept, ms. */
  readonly slowMs: number;
  /** Of OpenTelemetry's own messages. */
  readonly logLevel: string;
}

/** An empty variable counts as absent. Throws one `config_invalid` that lists every wrong one. */
export function readExportConfig(env: NodeJS.ProcessEnv): ExportConfig {
  const given = (name: string): string | undefined => env[name]?.trim() || undefined;
  refuseWrong(given, SWITCHES);
  const disabled = given('OTEL_SDK_DISABLED')?.toLowerCase() === 'true';
  const traces = disabled ? [] : destinations('TRACES', given);
  const metrics = disabled ? [] : destinations('METRICS', given);
  if (traces.length + metrics.length > 0) refuseWrong(given, SETTINGS);
  const config = {
    ...{ disabled, traces, metrics },
    sampler: {
      name: given('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on',
      ratio: Number(given('OTEL_TRACES_SAMPLER_ARG') ?? 1),
    },
    batch: batchOf(given),
    reader: readerOf(given),
    slowMs: Number(given('CULVERT_TRACE_SLOW_MS') ?? DEFAULT_SLOW_MS),
    logLevel: (given('OTEL_LOG_LEVEL') ?? 'warn').toLowerCase(),
  };
  refuseContradictions(config, given);
  return config;
}

type Given = (name: string) => string | undefined;

function destinations(signal: Signal, given: Given): Destination[] {
  const named = given(`OTEL_${signal}_EXPORTER`);
  const endpoint = given(`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`) ?? given('OTEL_EXPORTER_OTLP_ENDPOINT');
  const exporters = named === undefined ? (endpoint === undefined ? [] : ['otlp']) : listed(named);
  if (exporters.includes('none')) return [];
  const protocol = given(`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`) ?? given('OTEL_EXPORTER_OTLP_PROTOCOL');
  // `prometheus`: that is there anyway, at /metrics.
  const wanted = new Set(exporters.filter((name) => name !== 'prometheus'));
  return [...wanted].map((name) => (name === 'console' ? 'console' : ((protocol ?? 'http/protobuf') as OtlpProtocol)));
}

function batchOf(given: Given): ExportConfig['batch'] {
  const delay = given('OTEL_BSP_SCHEDULE_DELAY');
  const timeout = given('OTEL_BSP_EXPORT_TIMEOUT');
  const maxQueueSize = Number(given('OTEL_BSP_MAX_QUEUE_SIZE') ?? QUEUE_SIZE);
  return {
    maxQueueSize,
    maxExportBatchSize: Number(given('OTEL_BSP_MAX_EXPORT_BATCH_SIZE') ?? Math.min(BATCH_SIZE, maxQueueSize)),
    ...(delay === undefined ? {} : { scheduledDelayMillis: Number(delay) }),
    ...(timeout === undefined ? {} : { exportTimeoutMillis: Number(timeout) }),
  };
}

function readerOf(given: Given): ExportConfig['reader'] {
  const exportIntervalMillis = Number(given('OTEL_METRIC_EXPORT_INTERVAL') ?? EXPORT_INTERVAL_MS);
  const timeout = given('OTEL_METRIC_EXPORT_TIMEOUT');
  return {
    exportIntervalMillis,
    exportTimeoutMillis: timeout === undefined ? Math.min(EXPORT_TIMEOUT_MS, exportIntervalMillis) : Number(timeout),
  };
}

function refuseWrong(given: Given, checks: typeof SETTINGS): void {
  const wrong = Object.entries(checks).flatMap(([name, check]) => {
    const value = given(name);
    const expected = value === undefined ? undefined : check(value);
    if (expected === undefined) return [];
    return [`${name} is ${UNSPEAKABLE.test(name) ? 'wrong' : `'${value}'`}: expected ${expected}`];
  });
  refuse(wrong);
}

function refuseContradictions({ batch, reader, sampler }: ExportConfig, given: Given): void {
  const wrong: string[] = [];
  if (batch.maxExportBatchSize > batch.maxQueueSize) {
    wrong.push('OTEL_BSP_MAX_EXPORT_BATCH_SIZE must not be larger than OTEL_BSP_MAX_QUEUE_SIZE');
  }
  if (reader.exportTimeoutMillis > reader.exportIntervalMillis) {
    wrong.push('OTEL_METRIC_EXPORT_TIMEOUT must not be larger than OTEL_METRIC_EXPORT_INTERVAL');
  }
  if (sampler.name.endsWith('traceidratio') && given('OTEL_TRACES_SAMPLER_ARG') === undefined) {
    wrong.push(`OTEL_TRACES_SAMPLER_ARG is missing: ${sampler.name} needs the share that is sampled, from 0 to 1`);
  }
  refuse(wrong);
}

function refuse(wrong: readonly string[]): void {
  if (wrong.length === 0) return;
  const fix = 'Set it right, or export nothing: OTEL_TRACES_EXPORTER=none OTEL_METRICS_EXPORTER=none.';
  throw new CulvertError('config_invalid', wrong.join('\n'), { fix });
}
