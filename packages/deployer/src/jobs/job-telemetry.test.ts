import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import { startRedis } from '@culvert/registry/testing';
import { startTelemetry } from '@culvert/telemetry';
import { Collector } from '@culvert/telemetry/testing';
import { JobQueue } from './job-queue.ts';
import { jobTelemetryOf } from './job-telemetry.ts';

const CHAIN = 8;

describe('spans of jobs', { timeout: 20_000 }, () => {
  it('there are none while nothing is traced', async () => {
    assert.equal(await jobTelemetryOf({ tracing: false }), undefined);
  });

  it('a job is a child of its being added, and a chain of jobs is as many traces', async () => {
    await using collector = new Collector();
    await using redis = await startRedis();
    const endpoint = `${await collector.listen()}/v1/traces`;
    const variables = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
    Object.assign(process.env, variables, { OTEL_BSP_SCHEDULE_DELAY: '1' });
    const about = { role: 'deployer', version: '1', nodeId: 'deployer-1', env: process.env, logger: silentLogger };
    const telemetry = await startTelemetry(about);
    const over = Promise.withResolvers<void>();
    const queue: JobQueue<{ at: number }> = new JobQueue({
      ...{ queue: 'chain', redis: redis.url, prefix: 'test', deadlineMs: 5_000, lockMs: 5_000, logger: silentLogger },
      telemetry: await jobTelemetryOf(telemetry),
      // Each job adds the next one, as ticks do.
      handle: async ({ data: { at } }) => {
        if (at === CHAIN) over.resolve();
        else await queue.add('link', { at: at + 1 }, { id: `link.${at + 1}` });
      },
    });
    const running = queue.run();
    await queue.add('link', { at: 1 }, { id: 'link.1' });
    await over.promise;
    await queue.close();
    await running;
    await telemetry.close();
    for (const name of [...Object.keys(variables), 'OTEL_BSP_SCHEDULE_DELAY']) delete process.env[name];
    const added = collector.spans.filter(({ name }) => name === 'add chain.link');
    const worked = collector.spans.filter(({ name }) => name === 'process chain');
    assert.equal(added.length, CHAIN);
    assert.equal(worked.length, CHAIN);
    assert.equal(new Set(added.map(({ traceId }) => traceId)).size, CHAIN);
    for (const { parentSpanId, traceId } of worked) {
      const parent = added.find(({ spanId }) => spanId === parentSpanId);
      assert.equal(parent?.traceId, traceId);
      assert.equal(parent?.parentSpanId ?? '', '');
    }
  });
});
