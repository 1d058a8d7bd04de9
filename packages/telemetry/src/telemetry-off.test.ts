import assert from 'node:assert/strict';
import { registerHooks } from 'node:module';
import { it } from 'node:test';
import { silentLogger } from '@culvert/base';

const loaded: string[] = [];
registerHooks({
  load(url, context, next) {
    loaded.push(url);
    return next(url, context);
  },
});

const TRACING = /@opentelemetry\/(sdk-node|sdk-trace|exporter-trace|exporter-metrics|instrumentation|otlp)/;

it('loads nothing of OpenTelemetry that makes or exports spans, unless something is exported', async () => {
  // Imported here, so that the hook above sees it.
  const { startTelemetry } = await import('./telemetry.ts');
  const options = { role: 'worker', version: '1', nodeId: 'worker-1', logger: silentLogger };
  const off = await startTelemetry({ ...options, env: {} });
  const span = off.tracer.startSpan('connection');
  assert.deepEqual([off.tracing, span.isRecording(), span.spanContext().traceId], [false, false, '0'.repeat(32)]);
  assert.match(await off.text(), /^culvert_build_info/m);
  await off.close();
  assert.ok(loaded.some((url) => url.includes('@opentelemetry/sdk-metrics')));
  assert.deepEqual(
    loaded.filter((url) => TRACING.test(url)),
    [],
  );
  const on = await startTelemetry({ ...options, env: { OTEL_TRACES_EXPORTER: 'otlp' } });
  assert.equal(on.tracing, true);
  await on.close();
  assert.ok(loaded.some((url) => url.includes('@opentelemetry/sdk-node')));
});
