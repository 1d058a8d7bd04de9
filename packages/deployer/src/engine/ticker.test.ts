import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import type { Registry } from '@culvert/registry';
import { startRedis } from '@culvert/registry/testing';
import type { CoreState, Effect } from '../core/types.ts';
import { Applier } from './applier.ts';
import { LeaseKeeper } from './lease.ts';
import { Observer } from './observer.ts';
import { RecordKeeper } from './record-keeper.ts';
import { FakeWorld, newRecord } from './testing/fake-world.ts';
import { tinyCore } from './testing/tiny-core.ts';
import { Ticker } from './ticker.ts';
import type { OnStage } from './world.ts';

const never = new AbortController().signal;

function tickerOf(world: FakeWorld, registry: Registry, onStage?: OnStage) {
  const parts = { registry, client: world.client, providers: { process: world.provider }, logger: silentLogger };
  const lookAtWindow = async () => ({ open: true, opensAtMs: null, closesAtMs: null });
  const lease = new LeaseKeeper(registry.deployments, 'deployer#1');
  const ticker = new Ticker({
    ...{ registry, core: tinyCore, lease, logger: silentLogger, onStage },
    observer: new Observer({ ...parts, lookAtWindow }),
    applier: new Applier({ ...parts, addJob: async () => undefined }),
    keeper: new RecordKeeper(null, silentLogger),
  });
  return { ticker, lease };
}

async function ready(world: FakeWorld): Promise<Registry> {
  const registry = world.registry();
  await registry.waitUntilAvailable();
  await registry.deployments.create(newRecord('d_1'), { queue: false });
  return registry;
}

describe('a tick', () => {
  it('does nothing once another has the lease, though it had it when it began', async () => {
    await using redis = await startRedis();
    await using world = await FakeWorld.start(redis.url, ['w-1']);
    const registry = await ready(world);
    const { deployments } = registry;
    let stolen = 0;
    const { ticker, lease } = tickerOf(world, registry, async (stage) => {
      if (stage !== 'before_commit' || stolen > 0) return;
      await lease.letGo();
      stolen = (await deployments.lease('thief#1', 4_000))?.fence ?? 0;
    });
    assert.equal((await ticker.tick(never)).outcome, 'overtaken');
    assert.ok(stolen > 0);
    assert.equal((await deployments.get('d_1'))?.revision, 1);
    assert.equal((await ticker.tick(never)).outcome, 'not_ours');
    assert.deepEqual(world.done, []);
  });

  it('does nothing when somebody else has committed since it looked', async () => {
    await using redis = await startRedis();
    await using world = await FakeWorld.start(redis.url, ['w-1']);
    const registry = await ready(world);
    const { ticker, lease } = tickerOf(world, registry, async (stage) => {
      const record = await registry.deployments.active();
      const held = await lease.take();
      if (stage !== 'before_commit' || record === undefined || held === undefined || record.revision > 1) return;
      const mine = { record: { ...record, revision: 2 }, expected: 1, fence: held.fence, commands: [], events: [] };
      assert.equal(await registry.deployments.commit(mine), 'ok');
    });
    assert.equal((await ticker.tick(never)).outcome, 'overtaken');
    assert.equal((await registry.deployments.get('d_1'))?.revision, 2);
  });

  it('an order with the fence of a lease that is over is refused by the store', async () => {
    await using redis = await startRedis();
    await using world = await FakeWorld.start(redis.url, ['w-1']);
    const registry = await ready(world);
    const old = await registry.deployments.lease('deployer#1', 4_000);
    assert.ok(old !== undefined);
    await registry.deployments.letGo(old);
    await registry.deployments.lease('deployer#2', 4_000);
    const applier = new Applier({
      ...{ registry, client: world.client, providers: {}, addJob: async () => undefined, logger: silentLogger },
    });
    const effect: Effect = { key: 'd_1/w-1/cordon/1', kind: 'cordon', node: 'w-1', on: true };
    const state = tinyCore.begin(newRecord('d_1'));
    const done: Effect[] = [];
    const applying = { state, fence: old.fence, nodes: [], nowMs: 0, onDone: (one: Effect) => void done.push(one) };
    await applier.apply([effect], applying);
    assert.deepEqual(done, []);
    assert.equal((await registry.getNode('w-1'))?.cordoned, false);
  });

  it('commits nothing when there is nothing to say, and everything that the readers need when there is', async () => {
    await using redis = await startRedis();
    await using world = await FakeWorld.start(redis.url, []);
    const registry = await ready(world);
    const stages: string[] = [];
    const { ticker } = tickerOf(
      world,
      registry,
      (stage, { effects }) => void stages.push(`${stage} ${effects.length}`),
    );
    const ticked = await ticker.tick(never);
    assert.equal(ticked.outcome, 'done');
    const record = await registry.deployments.get('d_1');
    assert.ok(record !== undefined);
    const { deployment, why, tickAtMs } = record.view as { deployment: object; why: object; tickAtMs: number };
    assert.deepEqual(deployment, { id: 'd_1', state: 'running', revision: 2 });
    assert.equal((why as { id: string }).id, 'd_1');
    assert.ok(tickAtMs > 0);
    assert.deepEqual((record.core as CoreState).units, []);
    // Nothing is left but the receipt, which is asked for until it is there.
    await ticker.tick(never);
    assert.deepEqual(stages, [
      'before_commit 0',
      'after_commit 0',
      'before_commit 1',
      'after_commit 1',
      'after_effect 1',
    ]);
    const key = 'd_1/-/receipt/1';
    await registry.deployments.putResult('d_1', key, { ok: true, detail: '', facts: {}, atMs: 0, tookMs: 0 });
    assert.equal((await ticker.tick(never)).outcome, 'over');
    assert.equal((await ticker.tick(never)).outcome, 'nothing');
  });
});
