import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Collector } from '@culvert/telemetry/testing';
import { RoleProcess } from './testing/role-process.ts';

describe("a role's telemetry", { timeout: 60_000 }, () => {
  it('exits with 2 for a wrong variable of OpenTelemetry, naming it and the way out', async () => {
    await using role = new RoleProcess([], { OTEL_TRACES_EXPORTER: 'otlp', OTEL_TRACES_SAMPLER: 'sometimes' });
    assert.equal(await role.exit(), 2);
    assert.match(role.stderr, /OTEL_TRACES_SAMPLER is 'sometimes': expected one of always_on/);
    assert.match(role.stderr, /OTEL_TRACES_EXPORTER=none/);
    assert.deepEqual(role.lines, []);
  });

  it('is exported, the last of it when the role stops, and its log stays a log', async () => {
    await using collector = new Collector();
    const url = await collector.listen();
    // With what makes OpenTelemetry most talkative, every line on stdout is JSON still: RoleProcess reads them so.
    const talkative = { OTEL_LOG_LEVEL: 'all', CULVERT_LOG_LEVEL: 'debug' };
    await using role = new RoleProcess([], { ...talkative, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${url}/v1/metrics` });
    await role.ready();
    assert.deepEqual((await role.line('telemetry.export')).metrics, ['http/protobuf']);
    role.child.kill('SIGTERM');
    assert.equal(await role.exit(), 0);
    assert.deepEqual(new Set(collector.asked), new Set(['/v1/metrics']));
    assert.ok(role.lines.some(({ event }) => event === 'telemetry.message'));
  });
});
