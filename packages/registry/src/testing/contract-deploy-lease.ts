import assert from 'node:assert/strict';
import { beforeEach, it } from 'node:test';
import type { World } from './contract.ts';
import { commitOf, deploymentOf, ended, holds, inherits } from './deployments.ts';
import { hasCode, nextHint, READY, readyNode } from './fixtures.ts';

/** One deploy worker at a time moves deployments on, and who was late changes nothing. */
export function deployLeaseContract(world: World): void {
  const store = () => world.registry().deployments;
  beforeEach(() => world.factory().lose());

  it('a lease has one holder, who renews it under the same fence', async () => {
    const first = await holds(store(), 'one#b1', 5_000);
    assert.equal(await store().lease('two#b1', 5_000), undefined);
    const renewed = await holds(store(), 'one#b1', 60_000);
    assert.equal(renewed.fence, first.fence);
    assert.ok(renewed.untilMs > first.untilMs);
    const leftMs = renewed.untilMs - (world.registry().redisNow() ?? 0);
    assert.ok(leftMs <= 60_000, `the lease lasts ${leftMs} ms`);
    assert.equal(await store().lease('one#b2', 5_000), undefined, 'another life of the same process is another');
  });

  it('a lease of no time, or of hours, is refused', async () => {
    await assert.rejects(store().lease('one#b1', 0), hasCode('invalid_request'));
    await assert.rejects(store().lease('one#b1', 3_600_000), hasCode('invalid_request'));
  });

  it('a lease that was let go is free at once, under a higher fence; letting go again frees nothing', async () => {
    const first = await holds(store(), 'one#b1');
    await store().letGo(first);
    const second = await holds(store(), 'two#b1');
    assert.ok(second.fence > first.fence);
    await store().letGo(first);
    assert.equal(await store().lease('one#b1', 1_000), undefined);
  });

  it('a lease that lapsed is another: also its old holder has a higher fence then', async () => {
    const first = await holds(store(), 'one#b1', 1);
    await ended(store(), first);
    assert.ok((await holds(store(), 'one#b1')).fence > first.fence);
  });

  it('fences rise over the loss of everything', async () => {
    const first = await holds(store(), 'one#b1');
    await world.factory().lose();
    const second = await holds(store(), 'two#b1');
    assert.ok(second.fence > first.fence);
  });

  it('who has lost the lease commits nothing', async () => {
    const record = deploymentOf();
    await store().create(record, { queue: false });
    const late = await holds(store(), 'one#b1', 1);
    const heir = await inherits(store(), 'two#b1');
    assert.equal(await store().commit(commitOf(record, late)), 'fenced');
    assert.deepEqual(await store().get(record.id), record);
    await store().letGo(heir);
    assert.equal(await store().commit(commitOf(record, heir)), 'fenced', 'nobody has it');
    await world.factory().lose();
    assert.equal(await store().commit(commitOf(record, heir)), 'fenced', 'nobody knows of it');
  });

  it('a cordon by a deploy worker takes its lease; by an operator, none', async () => {
    const node = await readyNode(world.registry());
    const late = await holds(store(), 'one#b1', 1);
    const { fence } = await inherits(store(), 'two#b1');
    await assert.rejects(world.registry().setCordoned(node.id, true, { fence: late.fence }), hasCode('fenced'));
    assert.partialDeepStrictEqual(await world.registry().getNode(node.id), { state: 'ready', cordoned: false });
    assert.partialDeepStrictEqual(await world.registry().setCordoned(node.id, true, { fence }), { state: 'cordoned' });
    await assert.rejects(world.registry().setCordoned(node.id, false, { fence: late.fence }), hasCode('fenced'));
    assert.partialDeepStrictEqual(await world.registry().beat({ node, load: READY }), { cordoned: true });
    assert.partialDeepStrictEqual(await world.registry().setCordoned(node.id, false), { state: 'ready' });
  });

  it('a rollout is told to everybody when it changes, by who holds the lease', async () => {
    assert.equal(await store().rollout(), null);
    const late = await holds(store(), 'one#b1', 1);
    const { fence } = await inherits(store(), 'two#b1');
    const rollout = { deployment: 'd_1', pool: 'default', nodes: ['w2'], percent: 25, tenants: [] };
    assert.equal(await store().setRollout(rollout, late.fence), 'fenced');
    assert.equal(await store().rollout(), null);
    const heard: unknown[] = [];
    const unsubscribe = world.registry().onHint((hint) => hint.kind === 'deployment' && heard.push(hint.id));
    assert.equal(await store().setRollout(rollout, fence), 'ok');
    assert.equal(await store().setRollout(rollout, fence), 'ok');
    assert.deepEqual(await store().rollout(), rollout);
    assert.equal(await store().setRollout(null, late.fence), 'fenced');
    const next = { ...rollout, deployment: 'd_2', tenants: ['acme'] };
    assert.equal(await store().setRollout(next, fence), 'ok');
    assert.deepEqual(await store().rollout(), next);
    const last = nextHint(world.registry(), (hint) => hint.kind === 'deployment' && hint.id === 'd_3');
    for (const one of [null, null, { ...rollout, deployment: 'd_3' }]) await store().setRollout(one, fence);
    await last;
    unsubscribe();
    assert.deepEqual(heard, ['d_1', 'd_2', 'd_2', 'd_3']);
  });
}
