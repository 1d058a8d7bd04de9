import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { randomId } from '@culvert/base';
import type { ClaimRefusal, ClaimReply, NodeInfo } from '../types.ts';
import type { World } from './contract.ts';
import { claimOf, hasCode, nextHint, nodeOf, READY, readyNode, reassertOf, takes, updateOf } from './fixtures.ts';
import { lapsed } from './lease.ts';

export function claimContract(world: World): void {
  const refused = (reason: ClaimRefusal): ClaimReply => ({ outcome: 'refused', reason });

  it('a claimed session is found with its owner', async () => {
    const node = await readyNode(world.registry());
    const claim = claimOf(node);
    const hint = nextHint(world.registry(), (h) => h.kind === 'session' && h.sessionId === claim.sessionId);
    const epoch = await takes(world.registry(), claim);
    assert.deepEqual(await hint, {
      kind: 'session',
      sessionId: claim.sessionId,
      epoch,
      owner: node.id,
      agentId: claim.agentId,
    });
    assert.deepEqual(await world.registry().route(claim.sessionId), {
      sessionId: claim.sessionId,
      tenantId: 'acme',
      name: 'office',
      epoch,
      state: 'idle',
      node: { id: node.id, boot: node.boot, link: node.link, proxy: node.proxy },
    });
    const view = await world.registry().getSession(claim.sessionId);
    assert.partialDeepStrictEqual(view, { node: node.id, labels: { site: 'Berlin' }, bytesIn: 0, agentId: 'a_1' });
    assert.equal(await world.registry().getSession('s_nobody'), undefined);
  });

  it('the same tenant takes its session over, under a higher epoch', async () => {
    const [a, b] = [await readyNode(world.registry()), await readyNode(world.registry())];
    const claim = claimOf(a);
    const first = await takes(world.registry(), claim);
    const second = await world.registry().claim({ ...claim, node: b });
    assert.ok(second.outcome === 'claimed' && second.epoch > first);
    assert.deepEqual(second.previous, { node: a.id, boot: a.boot, epoch: first });
    assert.equal((await world.registry().route(claim.sessionId))?.node.id, b.id);
  });

  it('who takes a session over hears for how long nobody had it', async () => {
    await using short = await world.factory().connect({ leaseMs: 300 });
    const [dead, next] = [await readyNode(short), await readyNode(world.registry())];
    const claim = claimOf(dead);
    await takes(world.registry(), claim);
    await lapsed(world.registry(), dead);
    const lapsedAtMs = performance.now();
    await setTimeout(30);
    const waitedMs = performance.now() - lapsedAtMs;
    const reply = await world.registry().claim({ ...claim, node: next });
    assert.ok(reply.outcome === 'claimed' && reply.previous?.vacantMs !== undefined);
    assert.ok(reply.previous.vacantMs >= Math.floor(waitedMs) - 1, `${reply.previous.vacantMs} of ${waitedMs} ms`);
  });

  it("another tenant's session is never taken, not even a vacant one", async () => {
    const node = await readyNode(world.registry());
    const claim = claimOf(node);
    await takes(world.registry(), claim);
    const other = await readyNode(world.registry());
    assert.deepEqual(await world.registry().claim({ ...claim, node: other, tenantId: 'evil' }), refused('fenced'));
    await world.registry().leave(node);
    assert.deepEqual(await world.registry().claim({ ...claim, node: other, tenantId: 'evil' }), refused('fenced'));
    assert.equal((await world.registry().getSession(claim.sessionId))?.tenant, 'acme');
  });

  it('an expected epoch must be the one in force, unless the owner is dead', async () => {
    const [a, b] = [await readyNode(world.registry()), await readyNode(world.registry())];
    const claim = claimOf(a);
    const epoch = await takes(world.registry(), claim);
    const move = { ...claim, node: b, expectedEpoch: epoch - 1 };
    assert.deepEqual(await world.registry().claim(move), refused('fenced'));
    await takes(world.registry(), { ...move, expectedEpoch: epoch });
    await world.registry().leave(b);
    await takes(world.registry(), { ...move, node: a });
  });

  it("the epoch rises above the agent's, and absurd ones are refused", async () => {
    const claim = claimOf(await readyNode(world.registry()));
    const ahead = 4_000_000_000_000_123; // the clock of a Redis that is gone was ahead by decades
    assert.equal(await takes(world.registry(), { ...claim, lastEpoch: ahead }), ahead + 1);
    assert.equal(await takes(world.registry(), claim), ahead + 2);
    for (const lastEpoch of [Number.MAX_SAFE_INTEGER, -1, 0.5, Number.NaN]) {
      await assert.rejects(world.registry().claim({ ...claim, lastEpoch }), hasCode('invalid_request'));
    }
  });

  it('a node takes no more than its capacity, but keeps what it has', async () => {
    const node = await readyNode(world.registry(), { capacity: 1 });
    const claim = claimOf(node);
    await takes(world.registry(), claim);
    assert.deepEqual(await world.registry().claim(claimOf(node)), refused('full'));
    await takes(world.registry(), claim);
  });

  it('a node that is not ready, unknown, or of another boot takes nothing', async () => {
    const node = nodeOf();
    assert.deepEqual(await world.registry().claim(claimOf(node)), refused('node_not_ready'));
    for (const state of ['booting', 'cordoned', 'draining', 'empty'] as const) {
      const busy = nodeOf();
      await world.registry().beat({ node: busy, load: { ...READY, state } });
      assert.deepEqual(await world.registry().claim(claimOf(busy)), refused('node_not_ready'), state);
    }
    await world.registry().beat({ node, load: READY });
    const stale = claimOf({ ...node, boot: 'b_old' });
    assert.deepEqual(await world.registry().claim(stale), refused('node_not_ready'));
  });

  it('the canary tenant is taken by a cordoned node, too, and in any pool; not by one that drains', async () => {
    const canary = { tenantId: 'culvert-canary', canary: true };
    const node = await readyNode(world.registry(), { pool: 'dedicated' });
    const first = claimOf(node, canary);
    await takes(world.registry(), first);
    const listed = async (filter: { canary?: true; tenant?: string }) =>
      (await world.registry().listSessions({ node: node.id, limit: 10, ...filter })).items.map(({ id }) => id);
    assert.deepEqual(await listed({}), [], 'it is no customer’s');
    assert.deepEqual(await listed({ canary: true }), [first.sessionId]);
    assert.deepEqual(await listed({ tenant: 'culvert-canary' }), [first.sessionId]);
    const told = await world.registry().events.read({ types: ['session.opened'], newestFirst: true, limit: 500 });
    assert.ok(
      told.items.every(({ fields }) => fields.session !== first.sessionId),
      'nor in the history',
    );
    await world.registry().setCordoned(node.id, true);
    assert.deepEqual(await world.registry().claim(claimOf(node)), refused('node_not_ready'));
    for (const [state, taken] of [
      ['ready', true], // it has not heard of its cordon yet
      ['cordoned', true],
      ['suspect', true],
      ['booting', false],
      ['draining', false],
      ['empty', false],
    ] as const) {
      await world.registry().beat({ node, load: { ...READY, state } });
      const { outcome } = await world.registry().claim(claimOf(node, canary));
      assert.equal(outcome, taken ? 'claimed' : 'refused', state);
    }
  });

  it('a node whose lease lapsed takes nothing, and its sessions are vacant at that instant', async () => {
    await using short = await world.factory().connect({ leaseMs: 300 });
    const node = await readyNode(short);
    const claim = claimOf(node);
    await takes(world.registry(), claim);
    await lapsed(world.registry(), node);
    assert.deepEqual(await world.registry().claim(claimOf(node)), refused('node_not_ready'));
    assert.equal(await world.registry().route(claim.sessionId), undefined);
    const view = await world.registry().getSession(claim.sessionId);
    assert.partialDeepStrictEqual(view, { state: 'offline', node: null, connections: 0 });
  });

  it("a pinned tenant's session is taken in its pool only; its limit holds", async () => {
    const id = randomId('t');
    const limits = { sessions: 1, connectionsPerSession: 1 };
    const tenant = { id, name: 'T', createdAt: 0, pool: 'eu', spill: [], limits };
    await world.registry().settings.putTenant(tenant);
    const outside = await readyNode(world.registry(), { pool: 'us' });
    const inside = await readyNode(world.registry(), { pool: 'eu' });
    assert.deepEqual(await world.registry().claim(claimOf(outside, { tenantId: id })), refused('wrong_pool'));
    const claim = claimOf(inside, { tenantId: id });
    await takes(world.registry(), claim);
    await takes(world.registry(), claim);
    assert.deepEqual(await world.registry().claim(claimOf(inside, { tenantId: id })), refused('limit_exceeded'));
    await world.registry().settings.putTenant({ ...tenant, spill: ['asia', 'us'] });
    await takes(world.registry(), { ...claim, node: outside, pool: 'us' });
    await world.registry().settings.putTenant({ ...tenant, pool: null });
    const home = await readyNode(world.registry());
    assert.deepEqual(await world.registry().claim({ ...claim, node: inside, pool: 'eu' }), refused('wrong_pool'));
    await takes(world.registry(), { ...claim, node: home, pool: home.pool });
  });

  it('of two workers that claim one session again and again, one serves: the one with the highest epoch', async () => {
    const other = await world.factory().connect();
    await using _closing = other;
    const nodes: NodeInfo[] = [await readyNode(world.registry()), await readyNode(world.registry())];
    const sessionId = randomId('s');
    const claims = Array.from({ length: 20 }, async (_, i) => {
      const node = nodes[i % 2] ?? assert.fail();
      const epoch = await takes(i % 2 ? other : world.registry(), claimOf(node, { sessionId }));
      return { node, epoch };
    });
    const all = (await Promise.all(claims)).sort((a, b) => b.epoch - a.epoch);
    assert.equal(new Set(all.map(({ epoch }) => epoch)).size, 20);
    assert.partialDeepStrictEqual(await world.registry().route(sessionId), {
      epoch: all[0]?.epoch,
      node: { id: all[0]?.node.id },
    });
    const outcomes = await Promise.all(
      all.map(async ({ node, epoch }) => {
        const outcome = await world.registry().updateSessions(node, [updateOf(sessionId, epoch)]);
        return outcome.get(sessionId);
      }),
    );
    assert.deepEqual(outcomes, ['ok', ...Array(19).fill('fenced')]);
  });
}

export function ownerContract(world: World): void {
  it('an update writes absolute numbers', async () => {
    const claim = claimOf(await readyNode(world.registry()));
    const epoch = await takes(world.registry(), claim);
    const big = Number.MAX_SAFE_INTEGER; // 14 digits are what Lua's JSON keeps
    const update = updateOf(claim.sessionId, epoch, { bytesIn: big, connections: 5 });
    const unknown = updateOf('s_unknown', epoch);
    const outcomes = await world.registry().updateSessions(claim.node, [update, unknown]);
    assert.deepEqual(Object.fromEntries(outcomes), { [claim.sessionId]: 'ok', s_unknown: 'absent' });
    const view = await world.registry().getSession(claim.sessionId);
    assert.partialDeepStrictEqual(view, { state: 'busy', connections: 5, bytesIn: big, bytesOut: 20, epoch });
    assert.equal((await world.registry().updateSessions(claim.node, [])).size, 0);
  });

  it('a session whose agent is away is still its owner’s, and shown as offline: nobody is sent there', async () => {
    const claim = claimOf(await readyNode(world.registry()));
    const { sessionId } = claim;
    const epoch = await takes(world.registry(), claim);
    const away = updateOf(sessionId, epoch, { state: 'offline', connections: 3 });
    await world.registry().updateSessions(claim.node, [away]);
    const view = await world.registry().getSession(sessionId);
    assert.partialDeepStrictEqual(view, { state: 'offline', node: claim.node.id, connections: 3, epoch });
    assert.equal(await world.registry().route(sessionId), undefined);
    await world.registry().updateSessions(claim.node, [updateOf(sessionId, epoch, { state: 'idle', connections: 0 })]);
    assert.equal((await world.registry().route(sessionId))?.epoch, epoch);
    await world.registry().updateSessions(claim.node, [away]);
    const other = await readyNode(world.registry());
    assert.ok((await takes(world.registry(), { ...claim, node: other })) > epoch, 'its agent may claim it elsewhere');
    assert.equal((await world.registry().route(sessionId))?.node.id, other.id);
  });

  it('a reasserted session may be offline as well', async () => {
    const claim = claimOf(await readyNode(world.registry()));
    const epoch = await takes(world.registry(), claim);
    const offline = { ...reassertOf(claim, epoch), state: 'offline' } as const;
    assert.equal((await world.registry().reassert(claim.node, [offline])).get(claim.sessionId), 'ok');
    assert.partialDeepStrictEqual(await world.registry().getSession(claim.sessionId), { state: 'offline', epoch });
  });

  it('a stale epoch writes nothing: neither an update, nor a release, nor a reassert', async () => {
    const [a, b] = [await readyNode(world.registry()), await readyNode(world.registry())];
    const claim = claimOf(a);
    const stale = await takes(world.registry(), claim);
    const epoch = await takes(world.registry(), { ...claim, node: b });
    const { sessionId } = claim;
    assert.equal((await world.registry().updateSessions(a, [updateOf(sessionId, stale)])).get(sessionId), 'fenced');
    assert.equal(await world.registry().release({ sessionId, node: a, epoch: stale, reason: 'aborted' }), 'fenced');
    assert.equal((await world.registry().reassert(a, [reassertOf(claim, stale)])).get(sessionId), 'fenced');
    const view = await world.registry().getSession(sessionId);
    assert.partialDeepStrictEqual(view, { node: b.id, epoch, connections: 0, state: 'idle' });
  });

  it('a released session is gone, once', async () => {
    const node = await readyNode(world.registry(), { capacity: 1 });
    const claim = claimOf(node);
    const epoch = await takes(world.registry(), claim);
    const { sessionId } = claim;
    const hint = nextHint(world.registry(), (h) => h.kind === 'session' && h.owner === null);
    const release = { sessionId, node, epoch, reason: 'session_closed' };
    assert.equal(await world.registry().release(release), 'released');
    assert.deepEqual(await hint, { kind: 'session', sessionId, epoch, owner: null, agentId: null });
    assert.equal(await world.registry().release(release), 'absent');
    assert.equal(await world.registry().getSession(sessionId), undefined);
    await takes(world.registry(), claimOf(node)); // its place is free again
  });

  it('a process that was declared dead takes its sessions along to its new boot', async () => {
    const old = await readyNode(world.registry());
    const claim = claimOf(old);
    const epoch = await takes(world.registry(), claim);
    const next = { ...old, boot: 'b_next' };
    await assert.rejects(world.registry().reassert(next, [reassertOf(claim, epoch)]), hasCode('fenced'));
    await world.registry().beat({ node: next, load: READY });
    const early = await world.registry().updateSessions(next, [updateOf(claim.sessionId, epoch)]);
    assert.equal(early.get(claim.sessionId), 'absent');
    const outcomes = await world.registry().reassert(next, [reassertOf(claim, epoch)]);
    assert.equal(outcomes.get(claim.sessionId), 'ok');
    const route = await world.registry().route(claim.sessionId);
    assert.partialDeepStrictEqual(route, { epoch, state: 'busy', node: { boot: 'b_next' } });
  });

  it('a worker hears of the sessions that it gets, loses or gives up, and of no others', async () => {
    const [a, b] = [await readyNode(world.registry()), await readyNode(world.registry())];
    await using worker = await world.factory().connect({ hintsOf: a.id });
    const heard: unknown[] = [];
    worker.onHint((hint) => {
      if (hint.kind === 'session') heard.push([hint.sessionId, hint.owner]);
    });
    const claim = claimOf(a);
    const { sessionId } = claim;
    await takes(world.registry(), claim);
    await takes(world.registry(), { ...claim, node: b });
    await takes(world.registry(), claimOf(b));
    const epoch = await takes(world.registry(), claim);
    const last = nextHint(worker, (hint) => hint.kind === 'session' && hint.owner === null);
    await world.registry().release({ sessionId, node: a, epoch, reason: 'aborted' });
    await last;
    assert.deepEqual(
      heard,
      [a.id, b.id, a.id, null].map((owner) => [sessionId, owner]),
    );
  });

  it('what the directory has under a boot is listed, page by page', async () => {
    const node = await readyNode(world.registry(), { capacity: 2_000 });
    const claims = Array.from({ length: 1_100 }, () => claimOf(node));
    await world.registry().reassert(
      node,
      claims.map((claim) => reassertOf(claim, 1)),
    );
    const first = await world.registry().listOwned(node);
    assert.equal(first.ids.length, 1_000);
    const second = await world.registry().listOwned(node, first.next ?? assert.fail());
    assert.equal(second.next, null);
    assert.deepEqual([...first.ids, ...second.ids], claims.map(({ sessionId }) => sessionId).sort());
    assert.deepEqual(await world.registry().listOwned({ ...node, boot: 'b_other' }), { ids: [], next: null });
  });
}
