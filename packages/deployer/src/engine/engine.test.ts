import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Registry, StoredDeployment } from '@culvert/registry';
import { startRedis } from '@culvert/registry/testing';
import { FakeWorld, newRecord } from './testing/fake-world.ts';

const PATIENCE_MS = 20_000;

/** Resolves with the record once it is so; a commit is announced, so nothing is asked in a loop. */
function when(registry: Registry, id: string, isSo: (record: StoredDeployment) => boolean): Promise<StoredDeployment> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => done(() => reject(new Error(`not within ${PATIENCE_MS} ms`))), PATIENCE_MS);
    const look = (): void => {
      registry.deployments.get(id).then(
        (record) => record !== undefined && isSo(record) && done(() => resolve(record)),
        (error: unknown) => done(() => reject(error)),
      );
    };
    const remove = registry.onHint((hint) => {
      if (hint.kind === 'reset' || (hint.kind === 'deployment' && hint.id === id)) look();
    });
    const done = (settle: () => void): void => {
      clearTimeout(timer);
      remove();
      settle();
    };
    look();
  });
}

describe('the engine', () => {
  it('brings a deployment to its end, with each effect once, whichever of two deploy workers does it', async () => {
    await using redis = await startRedis();
    await using world = await FakeWorld.start(redis.url, ['w-1', 'w-2']);
    const registry = world.registry();
    await registry.waitUntilAvailable();
    const engines = [world.engine(), world.engine()];
    const running = engines.map((engine) => engine.run());
    await registry.deployments.create(newRecord('d_1'), { queue: false });
    const over = await when(registry, 'd_1', ({ over }) => over);
    assert.equal(over.state, 'succeeded');
    const each = (id: string): string[] => [`launch ${id}.new1`, `verify ${id}.new1`, `drain ${id}`, `terminate ${id}`];
    assert.deepEqual(world.done, [...each('w-1'), ...each('w-2')]);
    assert.deepEqual(await registry.deployments.receipt('d_1'), { id: 'd_1' });
    assert.equal((await registry.deployments.touched('d_1')).has('s/w-1/s_1'), true);
    assert.equal(engines.filter(({ leads }) => leads).length, 1);
    await Promise.all(engines.map((engine) => engine.close()));
    await Promise.all(running);
  });

  it('goes on within 10 s when the one that has the lease dies between its commit and the effects', async () => {
    await using redis = await startRedis();
    await using world = await FakeWorld.start(redis.url, ['w-1']);
    const registry = world.registry();
    await registry.waitUntilAvailable();
    const its = world.registry();
    const died = Promise.withResolvers<number>();
    const dying = world.engine({
      registry: its,
      // It never comes back from here, and reaches Redis no more.
      onStage: async (stage, { step }) => {
        if (stage !== 'after_commit' || step !== 'cordon') return;
        await its.close();
        died.resolve(performance.now());
        await new Promise(() => undefined);
      },
    });
    const running = dying.run();
    await registry.deployments.create(newRecord('d_1'), { queue: false });
    const diedAt = await died.promise;
    assert.equal((await registry.getNode('w-1'))?.cordoned, false);
    const heir = world.engine();
    const inherited = heir.run();
    await when(registry, 'd_1', ({ view }) => (view as { deployment: { revision: number } }).deployment.revision > 4);
    const over = await when(registry, 'd_1', (record) => record.over);
    const tookMs = performance.now() - diedAt;
    assert.ok(tookMs < 10_000, `${tookMs} ms`);
    assert.equal(over.state, 'succeeded');
    assert.deepEqual(world.done, ['launch w-1.new1', 'verify w-1.new1', 'drain w-1', 'terminate w-1']);
    await Promise.all([heir.close(), dying.close()]);
    await Promise.all([running, inherited]);
  });

  it('hands its lease over when it ends: another goes on at once', async () => {
    await using redis = await startRedis();
    await using world = await FakeWorld.start(redis.url, ['w-1']);
    const registry = world.registry();
    await registry.waitUntilAvailable();
    const reached = Promise.withResolvers<void>();
    const leaving = world.engine({ onStage: (stage) => void (stage === 'after_commit' && reached.resolve()) });
    const running = leaving.run();
    await registry.deployments.create(newRecord('d_1'), { queue: false });
    await reached.promise;
    await leaving.close();
    await running;
    assert.equal(leaving.state, 'empty');
    const beganMs = performance.now();
    const heir = world.engine();
    void heir.run();
    await when(registry, 'd_1', (record) => record.over);
    // A lease that was not let go would have been in the way for 4 s.
    assert.ok(performance.now() - beganMs < 4_000);
  });

  it('puts back a deployment that Redis has lost, and moves nothing before a person has looked', async () => {
    await using redis = await startRedis();
    await using world = await FakeWorld.start(redis.url, ['w-1', 'w-2']);
    const registry = world.registry();
    await registry.waitUntilAvailable();
    const half = Promise.withResolvers<void>();
    const engine = world.engine({
      onStage: (stage, { node, step }) => {
        if (stage === 'after_effect' && node === 'w-2' && step === 'cordon') half.resolve();
      },
    });
    const running = engine.run();
    await registry.deployments.create(newRecord('d_1'), { queue: false });
    await half.promise;
    const done = [...world.done];
    await redis.restart();
    await registry.waitUntilAvailable(AbortSignal.timeout(15_000));
    await world.rejoin();
    const paused = await when(registry, 'd_1', ({ state }) => state === 'paused');
    assert.equal(paused.over, false);
    assert.ok(paused.revision > 5);
    assert.deepEqual(world.done, done);
    const { items } = await registry.events.read({ limit: 50 });
    assert.ok(items.some(({ type }) => type === 'deployment.restored'));
    await engine.close();
    await running;
  });

  it('takes the next one that waits', async () => {
    await using redis = await startRedis();
    await using world = await FakeWorld.start(redis.url, ['w-1']);
    const registry = world.registry();
    await registry.waitUntilAvailable();
    await registry.deployments.create(newRecord('d_1'), { queue: false });
    await registry.deployments.create(newRecord('d_2', { version: '3.0.0' }), { queue: true });
    const engine = world.engine();
    const running = engine.run();
    await when(registry, 'd_2', (record) => record.over);
    assert.equal((await registry.deployments.get('d_1'))?.over, true);
    assert.ok(world.done.includes('terminate w-1.new1'));
    await engine.close();
    await running;
  });
});
