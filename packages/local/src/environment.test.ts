import assert from 'node:assert/strict';
import { it } from 'node:test';
import { childEnvironment } from './environment.ts';

it("a child process inherits OpenTelemetry's variables, and of ours only those that are for all", () => {
  const given = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_TRACES_SAMPLER: 'always_on',
    CULVERT_TRACE_SLOW_MS: '7',
    CULVERT_KEY: 'not for them',
    NODE_TEST_CONTEXT: 'child-v8',
  };
  const before = { ...process.env };
  try {
    Object.assign(process.env, given);
    const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_SAMPLER, CULVERT_TRACE_SLOW_MS, ...rest } = childEnvironment({
      CULVERT_API: 'http://127.0.0.1:2',
    });
    assert.deepEqual(
      { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_SAMPLER, CULVERT_TRACE_SLOW_MS },
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: given.OTEL_EXPORTER_OTLP_ENDPOINT,
        OTEL_TRACES_SAMPLER: given.OTEL_TRACES_SAMPLER,
        CULVERT_TRACE_SLOW_MS: '7',
      },
    );
    assert.deepEqual([rest.CULVERT_KEY, rest.NODE_TEST_CONTEXT], [undefined, undefined]);
    assert.equal(rest.CULVERT_API, 'http://127.0.0.1:2');
  } finally {
    for (const name of Object.keys(given)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
});
