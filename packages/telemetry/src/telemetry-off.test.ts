import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';

const DEADLINE_MS = 20_000;
const TRACING = /@opentelemetry\/(sdk-node|sdk-trace|exporter-trace|exporter-metrics|instrumentation|otlp)/;

/** What a process of its own has loaded by the time at which its telemetry has started. */
async function loadedWith(exporter: string): Promise<string[]> {
  const script = join(import.meta.dirname, 'testing/tell-loaded.ts');
  const env = { ...process.env, OTEL_TRACES_EXPORTER: exporter };
  const { stdout } = await promisify(execFile)(process.execPath, [script], { env, timeout: DEADLINE_MS });
  return JSON.parse(stdout) as string[];
}

it('loads nothing of OpenTelemetry that makes or exports spans, unless something is exported', async () => {
  const off = await loadedWith('none');
  assert.ok(off.some((url) => url.includes('@opentelemetry/sdk-metrics')));
  assert.deepEqual(
    off.filter((url) => TRACING.test(url)),
    [],
  );
  const on = await loadedWith('otlp');
  assert.ok(on.some((url) => url.includes('@opentelemetry/sdk-node')));
});
