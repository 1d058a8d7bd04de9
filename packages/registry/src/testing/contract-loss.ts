import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { World } from './contract.ts';
import { beats, claimOf, hasCode, nodeOf, READY, readyNode, reassertOf, takes } from './fixtures.ts';
import { lapsed } from './lease.ts';

export function lossContract(world: World): void {
  /** The settings are put back at once, as an API does. */
  async function lose(): Promise<void> {
    await world.factory().lose();
    await world.registry().settings.restore(world.registry().settings.snapshot);
  }

  it('owners put back what was lost, and nothing is called absent meanwhile', async () => {
    const node = await readyNode(world.registry());
    const claim = claimOf(node);
    const epoch = await takes(world.registry(), claim);
    const before = (await world.registry().status()).round ?? assert.fail();
    await lose();

    await assert.rejects(world.registry().route(claim.sessionId), hasCode('recovering'));
    await assert.rejects(world.registry().getSession(claim.sessionId), hasCode('recovering'));
    const reply = await world.registry().beat({ node, load: READY, confirmed: before });
    assert.partialDeepStrictEqual(reply, { outcome: 'ok', missing: { kind: 'unknown' }, recovering: true });
    assert.ok(reply.outcome === 'ok' && reply.round !== before);
    const outcomes = await world.registry().reassert(node, [reassertOf(claim, epoch)]);
    assert.equal(outcomes.get(claim.sessionId), 'ok');
    assert.partialDeepStrictEqual(await world.registry().route(claim.sessionId), { epoch, node: { id: node.id } });
    await assert.rejects(world.registry().route('s_not_back_yet'), hasCode('recovering'));

    const { round } = reply;
    const done = await world.registry().beat({ node, load: READY, confirmed: round });
    assert.partialDeepStrictEqual(done, { missing: { kind: 'nothing' }, recovering: false });
    assert.equal(await world.registry().route('s_never_was'), undefined);
    assert.partialDeepStrictEqual(await world.registry().status(), { round, recovering: false, sessions: 1, nodes: 1 });
  });

  it('a session whose owner is gone is not called offline by who wants to be sure, before all have been heard', async () => {
    const node = await readyNode(world.registry());
    const { sessionId } = claimOf(node);
    await takes(world.registry(), claimOf(node, { sessionId }));
    await world.registry().leave(node);
    const settled = () => world.registry().getSession(sessionId, { settled: true });
    assert.partialDeepStrictEqual(await settled(), { state: 'offline', node: null });
    await world.factory().fallSilent();
    await assert.rejects(settled(), hasCode('recovering'));
    assert.partialDeepStrictEqual(await world.registry().getSession(sessionId), { state: 'offline' });
    await beats(world.registry(), nodeOf());
  });

  it('all live workers have to confirm; other roles hold nothing', async () => {
    await lose();
    const [a, b] = [await readyNode(world.registry()), nodeOf()];
    await world.registry().beat({ node: nodeOf({ role: 'gateway' }), load: READY });
    assert.equal(await world.registry().getSession('s_never_was'), undefined, 'a confirmed, and was all there was');
    await lose();
    await world.registry().beat({ node: b, load: READY });
    await world.registry().beat({ node: nodeOf({ role: 'api' }), load: READY });
    await beats(world.registry(), a);
    await assert.rejects(world.registry().getSession('s_never_was'), hasCode('recovering'));
    await beats(world.registry(), b);
    assert.equal(await world.registry().getSession('s_never_was'), undefined);
  });

  it('a data set is not believed before it is old enough, longer if somebody remembers another one', async () => {
    await using patient = await world.factory().connect({ newMs: 150, lostMs: 600 });
    for (const [remembers, leastMs] of [
      [undefined, 150],
      ['1', 600],
    ] as const) {
      await lose();
      const node = nodeOf();
      const first = await patient.beat({ node, load: READY, confirmed: remembers });
      assert.ok(first.outcome === 'ok' && first.recovering);
      let last = first;
      while (last.recovering) {
        const reply = await patient.beat({ node, load: READY, confirmed: first.round });
        assert.ok(reply.outcome === 'ok');
        last = reply;
      }
      const tookMs = last.nowMs - first.nowMs;
      assert.ok(tookMs >= leastMs, `whole after ${tookMs} ms`);
    }
  });

  it('after a silence longer than a lease nothing is called absent: every lease is over, whoever lives', async () => {
    const node = await readyNode(world.registry());
    assert.equal(await world.registry().getSession('s_never_was'), undefined);
    const { round } = await world.registry().status();
    await world.factory().fallSilent();
    await assert.rejects(world.registry().getSession('s_never_was'), hasCode('recovering'));
    assert.partialDeepStrictEqual(await world.registry().status(), { round, recovering: true });
    const reply = await world.registry().beat({ node, load: READY, confirmed: round ?? assert.fail() });
    assert.ok(reply.outcome === 'ok' && reply.recovering && reply.round !== round);
  });

  it('a worker that remembers an earlier round makes a young one wait as long as after a loss', async () => {
    await using patient = await world.factory().connect({ newMs: 0, lostMs: 60_000 });
    await lose();
    const [newcomer, old] = [nodeOf(), nodeOf()];
    const first = await patient.beat({ node: newcomer, load: READY });
    assert.ok(first.outcome === 'ok' && first.recovering);
    await patient.beat({ node: old, load: READY, confirmed: '1' });
    for (const node of [old, newcomer]) {
      const reply = await patient.beat({ node, load: READY, confirmed: first.round });
      assert.partialDeepStrictEqual(reply, { recovering: true });
    }
  });

  it('a cordon that was lost comes back with the node that was told of it', async () => {
    const node = await readyNode(world.registry());
    await world.registry().setCordoned(node.id, true);
    await beats(world.registry(), node);
    await lose();
    const reply = await world.registry().beat({ node, load: { ...READY, state: 'cordoned' } });
    assert.partialDeepStrictEqual(reply, { cordoned: true });
    await world.registry().setCordoned(node.id, false);
    await beats(world.registry(), node);
    await lose();
    assert.partialDeepStrictEqual(await world.registry().beat({ node, load: READY }), { cordoned: false });
  });

  it('what an operator wished last counts, also where Redis has lost what went before', async () => {
    const node = await readyNode(world.registry());
    await world.registry().setCordoned(node.id, true);
    await beats(world.registry(), node);
    await lose(); // what comes back knows of no cordon
    await using other = await world.factory().connect();
    await other.beat({ node, load: READY });
    await other.setCordoned(node.id, false);
    assert.partialDeepStrictEqual(await world.registry().beat({ node, load: READY }), { cordoned: false });
  });

  it('epochs rise over the loss: the agent remembers, and so does the clock of whoever has seen a later time', async () => {
    const node = await readyNode(world.registry());
    const claim = claimOf(node, { lastEpoch: 4_000_000_000_000_000 });
    const before = await takes(world.registry(), claim);
    await lose();
    await beats(world.registry(), node);
    assert.ok((await takes(world.registry(), { ...claim, lastEpoch: before })) > before);
  });

  it('a claim waits for settings that Redis has lost: pins and limits are enforced, or nothing is taken', async () => {
    const node = await readyNode(world.registry());
    await world.registry().settings.putTenant({
      ...{ id: 'pinned-and-lost', name: 'x', createdAt: 0, pool: 'elsewhere', spill: [] },
      limits: { sessions: 10, connectionsPerSession: 10 },
    });
    const claim = claimOf(node, { tenantId: 'pinned-and-lost' });
    assert.deepEqual(await world.registry().claim(claim), { outcome: 'refused', reason: 'wrong_pool' });
    await world.factory().lose();
    await beats(world.registry(), node);
    assert.deepEqual(await world.registry().claim(claim), { outcome: 'refused', reason: 'recovering' });
    await world.registry().settings.restore(world.registry().settings.snapshot);
    assert.deepEqual(await world.registry().claim(claim), { outcome: 'refused', reason: 'wrong_pool' });
  });

  it('a sweep waits while more than a third of the workers are missing, or the data set is not whole', async () => {
    await lose();
    await using short = await world.factory().connect({ leaseMs: 100 });
    const nodes = [nodeOf(), nodeOf(), nodeOf()];
    const [dead, alsoDead, alive] = nodes;
    if (!dead || !alsoDead || !alive) assert.fail();
    await beats(world.registry(), alive);
    for (const node of [dead, alsoDead]) await beats(short, node);
    const claim = claimOf(dead);
    await takes(short, claim);
    await lapsed(world.registry(), dead);
    await lapsed(world.registry(), alsoDead);
    const sweep = () => world.registry().sweep({ sessionGraceMs: 0 });
    assert.equal((await sweep()).sessions, 0, 'two of three are missing');
    for (const node of [nodeOf(), nodeOf(), nodeOf()]) await world.registry().beat({ node, load: READY });
    assert.equal((await world.registry().sweep({ sessionGraceMs: 60_000 })).sessions, 0, 'Redis came back just now');
    assert.equal((await sweep()).sessions, 1);
    assert.equal(await world.registry().getSession(claim.sessionId), undefined);
  });

  it('a sweep removes what dead boots left, and nothing that lives or was taken over', async () => {
    await lose();
    const [dead, alive] = [await readyNode(world.registry()), await readyNode(world.registry())];
    const left = claimOf(dead);
    const moved = claimOf(dead);
    const kept = claimOf(alive);
    for (const claim of [left, moved, kept]) await takes(world.registry(), claim);
    await beats(world.registry(), { ...dead, boot: 'b_next' });
    await takes(world.registry(), { ...moved, node: alive });
    assert.deepEqual(await world.registry().sweep(), { nodes: 0, sessions: 0 }, 'too early');
    const result = await world.registry().sweep({ sessionGraceMs: 0 });
    assert.deepEqual(result, { nodes: 0, sessions: 1 });
    assert.equal(await world.registry().getSession(left.sessionId), undefined);
    assert.equal((await world.registry().route(moved.sessionId))?.node.id, alive.id);
    assert.equal((await world.registry().route(kept.sessionId))?.node.id, alive.id);
  });
}
