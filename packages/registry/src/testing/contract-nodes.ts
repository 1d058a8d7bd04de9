import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { World } from './contract.ts';
import { claimOf, nextHint, nodeOf, READY, readyNode, takes } from './fixtures.ts';
import { lapsed } from './lease.ts';

export function nodeContract(world: World): void {
  it('of a new lease nothing is known, of a renewed one nothing is missing', async () => {
    const node = nodeOf();
    const first = await world.registry().beat({ node, load: READY });
    const second = await world.registry().beat({ node, load: READY });
    assert.partialDeepStrictEqual(first, { outcome: 'ok', missing: { kind: 'unknown' }, cordoned: false });
    assert.partialDeepStrictEqual(second, { outcome: 'ok', missing: { kind: 'nothing' } });
  });

  it('a node is listed with what it said', async () => {
    const node = nodeOf({ pool: 'eu' });
    await world.registry().beat({ node, load: { state: 'ready', sessions: 3, connections: 7 } });
    const view = await world.registry().getNode(node.id);
    assert.ok(view && view.leaseAgeMs < 5_000);
    const { leaseAgeMs, beatAt, ...rest } = view;
    assert.ok(beatAt !== undefined && leaseAgeMs >= 0 && beatAt > 1_600_000_000_000, `a beat at ${beatAt}`);
    assert.deepEqual(rest, { ...node, state: 'ready', sessions: 3, connections: 7, cordoned: false });
    assert.ok((await world.registry().listNodes()).some(({ id }) => id === node.id));
    assert.equal(await world.registry().getNode('nobody'), undefined);
  });

  it('a boot whose lease lapsed is dead for ever; its process goes on under a new boot', async () => {
    await using short = await world.factory().connect({ leaseMs: 1 });
    const node = await readyNode(short);
    await lapsed(world.registry(), node);
    assert.deepEqual(await world.registry().beat({ node, load: READY }), { outcome: 'dead', replaced: false });
    const next = { ...node, boot: 'b_next' };
    assert.partialDeepStrictEqual(await world.registry().beat({ node: next, load: READY }), {
      outcome: 'ok',
      missing: { kind: 'unknown' },
    });
    assert.deepEqual(await world.registry().beat({ node, load: READY }), { outcome: 'dead', replaced: true });
  });

  it('a new boot ends the old one at once, although its lease lives', async () => {
    const old = await readyNode(world.registry());
    const claim = claimOf(old);
    await takes(world.registry(), claim);
    await world.registry().beat({ node: { ...old, boot: 'b_next' }, load: READY });
    assert.deepEqual(await world.registry().beat({ node: old, load: READY }), { outcome: 'dead', replaced: true });
    assert.equal((await world.registry().getNode(old.id))?.boot, 'b_next');
    assert.equal(await world.registry().route(claim.sessionId), undefined);
  });

  it('a node that left is gone, and a late beat does not revive it', async () => {
    const node = await readyNode(world.registry());
    const claim = claimOf(node);
    await takes(world.registry(), claim);
    await world.registry().leave(node);
    await world.registry().leave(node);
    assert.equal(await world.registry().getNode(node.id), undefined);
    assert.equal(await world.registry().route(claim.sessionId), undefined);
    assert.deepEqual(await world.registry().beat({ node, load: READY }), { outcome: 'dead', replaced: false });
  });

  it("an old boot's late leave does not touch its successor", async () => {
    const old = await readyNode(world.registry());
    const next = { ...old, boot: 'b_next' };
    await world.registry().beat({ node: next, load: READY });
    await world.registry().leave(old);
    assert.equal((await world.registry().getNode(old.id))?.state, 'ready');
    assert.partialDeepStrictEqual(await world.registry().beat({ node: next, load: READY }), {
      outcome: 'ok',
      missing: { kind: 'nothing' },
    });
  });

  it('a cordon outlives beats and boots until it is lifted', async () => {
    const node = await readyNode(world.registry());
    const hint = nextHint(world.registry(), (h) => h.kind === 'node' && h.nodeId === node.id);
    assert.equal((await world.registry().setCordoned(node.id, true))?.state, 'cordoned');
    await hint;
    assert.partialDeepStrictEqual(await world.registry().beat({ node, load: READY }), { cordoned: true });
    const next = { ...node, boot: 'b_next' };
    assert.partialDeepStrictEqual(await world.registry().beat({ node: next, load: READY }), { cordoned: true });
    assert.deepEqual(await world.registry().claim(claimOf(next)), { outcome: 'refused', reason: 'node_not_ready' });
    await world.registry().setCordoned(node.id, false);
    assert.partialDeepStrictEqual(await world.registry().beat({ node: next, load: READY }), { cordoned: false });
    await takes(world.registry(), claimOf(next));
    assert.equal(await world.registry().setCordoned('nobody', true), undefined);
  });

  it('a node that begins cordoned takes nothing from its first beat on, until somebody uncordons it', async () => {
    const node = nodeOf();
    const beat = (beating = node) => world.registry().beat({ node: beating, load: READY, cordoned: true });
    assert.partialDeepStrictEqual(await beat(), { outcome: 'ok', cordoned: true });
    assert.equal((await world.registry().getNode(node.id))?.state, 'cordoned');
    assert.deepEqual(await world.registry().claim(claimOf(node)), { outcome: 'refused', reason: 'node_not_ready' });
    await world.registry().setCordoned(node.id, false);
    assert.partialDeepStrictEqual(await beat(), { cordoned: false });
    await takes(world.registry(), claimOf(node));
    const next = { ...node, boot: 'b_next' };
    assert.partialDeepStrictEqual(await beat(next), { cordoned: false }, 'started anew, it is as it was wished last');
  });

  it('a clock that went back leaves no lease longer than one, and nobody dead', async () => {
    const node = await readyNode(world.registry());
    const other = await readyNode(world.registry());
    await world.factory().setLease(other, 3_600_000);
    await world.registry().beat({ node, load: READY });
    const endsInMs = (await world.factory().leaseOf(other)) - ((await world.registry().redisNow()) ?? assert.fail());
    assert.ok(endsInMs > 1_000 && endsInMs <= 6_000, `the lease ends in ${endsInMs} ms`);
    assert.partialDeepStrictEqual(await world.registry().beat({ node: other, load: READY }), {
      missing: { kind: 'nothing' },
    });
  });
}
