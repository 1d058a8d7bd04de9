import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { CulvertError, type LogFields, type Logger } from '@culvert/base';
import type { StoredDeployment } from '@culvert/registry';
import { startRedis } from '@culvert/registry/testing';
import { ATTRIBUTE, SPAN } from '@culvert/telemetry';
import { type RecordedSpan, recordSpans } from '@culvert/telemetry/testing';
import type { NodeProvider } from '../providers/provider.ts';
import { FakeWorld, newRecord } from './testing/fake-world.ts';

const DEADLINE = { timeout: 30_000 };

function recordingLogger() {
  const lines: LogFields[] = [];
  const logger = (bound: LogFields): Logger => {
    const take = (fields: LogFields): void => void lines.push({ ...bound, ...fields });
    return { debug: take, info: take, warn: take, error: take, child: (more) => logger({ ...bound, ...more }) };
  };
  return { logger: logger({}), of: (event: string) => lines.filter((line) => line.event === event) };
}

/** Runs deployment d_1 of the worker w-1 to its end, by one deploy worker after the other: each takes over at the next step. */
async function runThrough(redis: string, wrap: (provider: NodeProvider) => NodeProvider = (provider) => provider) {
  await using world = await FakeWorld.start(redis, ['w-1']);
  const registry = world.registry();
  await registry.waitUntilAvailable();
  await registry.deployments.create(newRecord('d_1'), { queue: false });
  const [first, second] = [recordSpans(), recordSpans()];
  const { logger, of } = recordingLogger();
  const providers = { process: wrap(world.provider) };
  const reached = Promise.withResolvers<void>();
  const leaving = world.engine({
    ...{ telemetry: first, logger, providers },
    onStage: (stage, { step }) => void (stage === 'after_commit' && step === 'cordon' && reached.resolve()),
  });
  const running = leaving.run();
  await reached.promise;
  await leaving.close();
  await running;
  const heir = world.engine({ telemetry: second, logger, providers });
  const inherited = heir.run();
  const over = await new Promise<StoredDeployment>((resolve, reject) => {
    const look = () =>
      void registry.deployments.get('d_1').then((record) => {
        if (record?.over) resolve(record);
      }, reject);
    registry.onHint(look);
    look();
  });
  await heir.close();
  await inherited;
  return { first: first.spans(), second: second.spans(), of, over };
}

function named(spans: readonly RecordedSpan[], name: string): RecordedSpan[] {
  return spans.filter((span) => span.name === name);
}

describe('spans of a deployment', DEADLINE, () => {
  let told: Awaited<ReturnType<typeof runThrough>>;
  before(async () => {
    await using redis = await startRedis();
    told = await runThrough(redis.url);
  });

  it('its ticks are a chain of links, from its first to its last, through two deploy workers', () => {
    const { first, second, over } = told;
    assert.equal(over.state, 'succeeded');
    const ticks = [...named(first, SPAN.deployTick), ...named(second, SPAN.deployTick)];
    assert.ok(named(first, SPAN.deployTick).length > 1 && named(second, SPAN.deployTick).length > 1);
    const byId = new Map(ticks.map((tick) => [tick.spanId, tick]));
    const revisions = ticks.map(({ attributes }) => Number(attributes[ATTRIBUTE.deployRevision]));
    assert.deepEqual(
      revisions,
      revisions.map((_, i) => i + 2),
      'each commit has its span',
    );
    for (const { links, parentSpanId, attributes } of ticks) {
      assert.deepEqual([parentSpanId, attributes[ATTRIBUTE.deploymentId]], [undefined, 'd_1']);
      const linked = byId.get(links[0]?.spanId ?? '')?.attributes[ATTRIBUTE.deployRevision];
      const revision = Number(attributes[ATTRIBUTE.deployRevision]);
      assert.equal(linked, revision === 2 ? undefined : revision - 1);
    }
    assert.equal(new Set(ticks.map(({ traceId }) => traceId)).size, ticks.length);
    assert.equal(ticks.at(-1)?.attributes[ATTRIBUTE.deployState], 'succeeded');
  });

  it('effects are children of the tick that asked for them, those that are jobs, too', () => {
    const { first, second, of } = told;
    const spans = [...first, ...second];
    const ticks = new Map(named(spans, SPAN.deployTick).map((tick) => [tick.spanId, tick]));
    const effects = named(spans, SPAN.deployEffect);
    const kinds = effects.map(({ attributes }) => attributes[ATTRIBUTE.deployEffect]);
    for (const kind of ['launch', 'verify', 'cordon', 'drain', 'terminate', 'receipt']) assert.ok(kinds.includes(kind));
    for (const { traceId, parentSpanId, attributes, status } of effects) {
      assert.equal(ticks.get(parentSpanId ?? '')?.traceId, traceId);
      assert.deepEqual([attributes[ATTRIBUTE.deploymentId], status], ['d_1', 'unset']);
      if (attributes[ATTRIBUTE.deployEffect] === 'launch') assert.equal(attributes[ATTRIBUTE.deployNode], 'w-1');
    }
    // The lines of a tick, and of an effect, lead to their spans.
    const ids = new Set(spans.map(({ traceId, spanId }) => `${traceId} ${spanId}`));
    const lines = [...of('deploy.state'), ...of('deploy.effect_result')];
    assert.ok(lines.length >= 3);
    for (const line of lines) {
      assert.equal(line.deploy_id, 'd_1');
      assert.ok(ids.has(`${line.trace_id} ${line.span_id}`));
    }
  });

  it('an effect that failed says so, and the one that came after it does not', async () => {
    await using redis = await startRedis();
    let launches = 0;
    const { first, of } = await runThrough(redis.url, (provider) => ({
      ...provider,
      launch: async (request, signal) => {
        launches += 1;
        if (launches === 1) throw new CulvertError('provider_failed', 'no room');
        return provider.launch(request, signal);
      },
    }));
    const launched = first.filter(({ attributes }) => attributes[ATTRIBUTE.deployEffect] === 'launch');
    assert.deepEqual(
      launched.map(({ status }) => status),
      ['error: no room', 'unset'],
    );
    assert.equal(launched[0]?.attributes[ATTRIBUTE.errorType], 'provider_failed');
    assert.equal(of('deploy.effect_failed')[0]?.span_id, launched[0]?.spanId);
  });
});
