import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import { readExportConfig } from './config.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

describe('the configuration of exports', () => {
  it('exports nothing unless somebody says so', () => {
    for (const env of [
      {},
      { OTEL_SERVICE_NAME: 'a' },
      { OTEL_TRACES_EXPORTER: ' ' },
      { OTEL_TRACES_EXPORTER: 'none' },
    ]) {
      const { traces, metrics, disabled } = readExportConfig(env);
      assert.deepEqual({ traces, metrics, disabled }, { traces: [], metrics: [], disabled: false });
    }
  });

  const cases: [what: string, env: NodeJS.ProcessEnv, traces: string[], metrics: string[]][] = [
    ['an endpoint for both', ENDPOINT, ['http/protobuf'], ['http/protobuf']],
    ['an endpoint for traces', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://a:1/x' }, ['http/protobuf'], []],
    ['an endpoint for metrics', { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://a:1/x' }, [], ['http/protobuf']],
    ['exporters without an endpoint', { OTEL_TRACES_EXPORTER: 'otlp' }, ['http/protobuf'], []],
    ['none in spite of an endpoint', { ...ENDPOINT, OTEL_METRICS_EXPORTER: 'none' }, ['http/protobuf'], []],
    ['two exporters', { OTEL_TRACES_EXPORTER: 'otlp, console' }, ['http/protobuf', 'console'], []],
    ['what /metrics offers anyway', { OTEL_METRICS_EXPORTER: 'prometheus' }, [], []],
    ['a protocol for both', { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, ['grpc'], ['grpc']],
    [
      'a protocol for one',
      { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' },
      ['http/json'],
      ['grpc'],
    ],
    ['nothing at all', { ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' }, [], []],
  ];
  for (const [what, env, traces, metrics] of cases) {
    it(`knows ${what}`, () => {
      const config = readExportConfig(env);
      assert.deepEqual({ traces: config.traces, metrics: config.metrics }, { traces, metrics });
      assert.equal(config.disabled, 'OTEL_SDK_DISABLED' in env);
    });
  }

  it('has the defaults of the specification', () => {
    const { sampler, batch, reader, slowMs, logLevel } = readExportConfig(ENDPOINT);
    assert.deepEqual(sampler, { name: 'parentbased_always_on', ratio: 1 });
    assert.deepEqual(batch, { maxQueueSize: 2048, maxExportBatchSize: 512 });
    assert.deepEqual(reader, { exportIntervalMillis: 60_000, exportTimeoutMillis: 30_000 });
    assert.deepEqual({ slowMs, logLevel }, { slowMs: 1000, logLevel: 'warn' });
  });

  it('keeps a time limit below a shorter interval, and a batch below a smaller queue', () => {
    const env = { ...ENDPOINT, OTEL_METRIC_EXPORT_INTERVAL: '500', OTEL_BSP_MAX_QUEUE_SIZE: '9' };
    const { reader, batch } = readExportConfig(env);
    assert.deepEqual(reader, { exportIntervalMillis: 500, exportTimeoutMillis: 500 });
    assert.deepEqual(batch, { maxQueueSize: 9, maxExportBatchSize: 9 });
  });

  const wrong: [env: NodeJS.ProcessEnv, says: RegExp][] = [
    [{ OTEL_SDK_DISABLED: 'yes' }, /OTEL_SDK_DISABLED is 'yes': expected one of true, false/],
    [{ OTEL_TRACES_EXPORTER: 'zipkin' }, /OTEL_TRACES_EXPORTER is 'zipkin': expected of otlp, console, none/],
    [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'http' }, /PROTOCOL is 'http': expected one of http\/protobuf/],
    [{ ...ENDPOINT, OTEL_TRACES_SAMPLER: 'some' }, /OTEL_TRACES_SAMPLER is 'some'.*parentbased_traceidratio/],
    [
      { ...ENDPOINT, OTEL_TRACES_SAMPLER_ARG: '1.1' },
      /OTEL_TRACES_SAMPLER_ARG is '1.1': expected a number from 0 to 1/,
    ],
    [{ ...ENDPOINT, OTEL_TRACES_SAMPLER: 'traceidratio' }, /OTEL_TRACES_SAMPLER_ARG is missing/],
    [{ ...ENDPOINT, OTEL_BSP_MAX_QUEUE_SIZE: '0' }, /OTEL_BSP_MAX_QUEUE_SIZE is '0': expected a whole number from 1/],
    [{ ...ENDPOINT, OTEL_BSP_MAX_QUEUE_SIZE: '9', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10' }, /must not be larger/],
    [{ ...ENDPOINT, OTEL_METRIC_EXPORT_INTERVAL: '9', OTEL_METRIC_EXPORT_TIMEOUT: '10' }, /must not be larger/],
    [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd' }, /COMPRESSION is 'zstd'/],
    [{ ...ENDPOINT, CULVERT_TRACE_SLOW_MS: '1s' }, /CULVERT_TRACE_SLOW_MS is '1s'/],
  ];
  for (const [env, says] of wrong) {
    it(`refuses what is wrong: ${says.source}`, () => {
      assert.throws(
        () => readExportConfig(env),
        (error) => error instanceof CulvertError && error.code === 'config_invalid' && says.test(error.message),
      );
    });
  }

  it('names all that is wrong at once, and how to get out of it', () => {
    const env = { ...ENDPOINT, OTEL_TRACES_SAMPLER: 'some', OTEL_BSP_SCHEDULE_DELAY: 'soon' };
    assert.throws(() => readExportConfig(env), { message: /SAMPLER is 'some'.*\n.*DELAY is 'soon'/, fix: /=none/ });
  });

  it('repeats nothing that may be secret', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'ftp://user:hunter2@a', OTEL_EXPORTER_OTLP_HEADERS: 'hunter2' };
    assert.throws(
      () => readExportConfig(env),
      ({ message }: Error) => /ENDPOINT is wrong.*\n.*HEADERS is wrong/.test(message) && !message.includes('hunter2'),
    );
  });

  it('is not concerned with settings of exports while nothing is exported', () => {
    assert.equal(readExportConfig({ OTEL_TRACES_SAMPLER: 'jaeger_remote' }).traces.length, 0);
  });
});
