import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import { Registry } from './registry.ts';
import { claimOf, nextHint, readyNode, subscribed, takes } from './testing/fixtures.ts';
import { startRedis } from './testing/start-redis.ts';
import type { Hint } from './types.ts';

describe('two installations on one Redis, each with its prefix', () => {
  it('do not see each other: nodes, sessions, settings, hints', async () => {
    await using redis = await startRedis();
    const connect = (prefix: string): Registry =>
      Registry.connect({ url: redis.url, prefix, logger: silentLogger, newMs: 0, lostMs: 0 });
    await using one = connect('one');
    await using two = connect('two');
    await Promise.all([one, two].flatMap((it) => [it.waitUntilAvailable(AbortSignal.timeout(5_000)), subscribed(it)]));
    const heard: Hint[] = [];
    two.onHint((hint) => heard.push(hint));

    const node = await readyNode(one);
    const claim = claimOf(node);
    const epoch = await takes(one, claim);
    const tenant = { id: 'acme', name: 'Acme', createdAt: 1, pool: null, spill: [] };
    await one.settings.putTenant({ ...tenant, limits: { sessions: 10, connectionsPerSession: 10 } });

    // Of the same ids, so that nothing but the prefix keeps them apart.
    const twin = await readyNode(two, { id: node.id });
    assert.equal((await one.getNode(node.id))?.boot, node.boot);
    assert.equal(await two.getSession(claim.sessionId), undefined);
    assert.deepEqual((await two.listSessions({ limit: 10 })).items, []);
    await two.settings.refresh();
    assert.equal(two.settings.revision, 0);
    const hint = nextHint(two, ({ kind }) => kind === 'session');
    await takes(two, { ...claim, node: twin });
    assert.partialDeepStrictEqual(await hint, { sessionId: claim.sessionId, owner: twin.id });
    assert.equal((await one.getSession(claim.sessionId))?.epoch, epoch);
    assert.equal(heard.filter(({ kind }) => kind === 'session' || kind === 'settings').length, 1, 'only its own');
  });
});
