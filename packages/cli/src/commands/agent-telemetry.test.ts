import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentTelemetry } from './agent-telemetry.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };

test('an agent exports nothing, and starts nothing for it, unless it is asked to', async () => {
  assert.equal(await agentTelemetry('agent', {}), undefined);
  assert.equal(await agentTelemetry('proxy', { ...ENDPOINT, OTEL_SDK_DISABLED: 'true' }), undefined);
  const none = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' };
  assert.equal(await agentTelemetry('agent', { ...ENDPOINT, ...none }), undefined);
});

test('a wrong variable is said before anything is started', async () => {
  const wrong = { ...ENDPOINT, OTEL_TRACES_SAMPLER: 'sometimes' };
  await assert.rejects(agentTelemetry('agent', wrong), { code: 'config_invalid', message: /OTEL_TRACES_SAMPLER/ });
});
