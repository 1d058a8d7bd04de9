import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { World } from './contract.ts';
import { claimOf, hasCode, READY, readyNode, reassertOf, takes } from './fixtures.ts';

export function lossContract(world: World): void {
  it('owners put back what was lost, and nothing is called absent meanwhile', async () => {
    const node = await readyNode(world.registry());
    const claim = claimOf(node);
    const epoch = await takes(world.registry(), claim);
    assert.equal(await world.registry().route('s_never_was'), undefined);
    await world.factory().lose();

    await assert.rejects(world.registry().route(claim.sessionId), hasCode('registry_unavailable'));
    await assert.rejects(world.registry().getSession(claim.sessionId), hasCode('registry_unavailable'));
    assert.partialDeepStrictEqual(await world.registry().beat(node, READY), { outcome: 'ok', fresh: true });
    const outcomes = await world.registry().reassert(node, [reassertOf(claim, epoch)]);
    assert.equal(outcomes.get(claim.sessionId), 'ok');
    assert.partialDeepStrictEqual(await world.registry().route(claim.sessionId), { epoch, node: { id: node.id } });
    await assert.rejects(world.registry().route('s_not_back_yet'), hasCode('registry_unavailable'));
  });

  it('a cordon that was lost comes back with the node that follows it', async () => {
    const node = await readyNode(world.registry());
    await world.registry().setCordoned(node.id, true);
    await world.factory().lose();
    const reply = await world.registry().beat(node, { ...READY, state: 'cordoned' });
    assert.partialDeepStrictEqual(reply, { fresh: true, cordoned: true });
  });

  it('epochs rise over the loss, because the agent remembers', async () => {
    const node = await readyNode(world.registry());
    const claim = claimOf(node, { lastEpoch: 4_000_000_000_000_000 });
    const before = await takes(world.registry(), claim);
    await world.factory().lose();
    await world.registry().beat(node, READY);
    assert.ok((await takes(world.registry(), { ...claim, lastEpoch: before })) > before);
  });
}
