import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import { type NodeBoot, type NodeInfo, Registry, type SessionClaim } from '@culvert/registry';
import { asking, info, startSentinel, type TestSentinel } from '@culvert/registry/testing';
import { extent, inFull } from '../support/chaos/extent.ts';
import { PINNED as APART, PREFIX, RedisChaos } from '../support/chaos/redis-chaos.ts';
import { eventually } from '../support/eventually.ts';

const ROUNDS = extent(3, 1);
/** The replica names old owners, who say so: until the workers have told it again, new connections may be refused. ms. */
const REFUSED_MS = 3_000;

describe('a primary that sentinels watch, and that fails', { timeout: 600_000 }, () => {
  let sentinel: TestSentinel;
  let them: RedisChaos;
  const scope = new AsyncDisposableStack();
  before(async () => {
    sentinel = scope.use(await startSentinel());
    them = scope.use(await RedisChaos.open({ url: sentinel.url }));
  });
  after(() => scope.disposeAsync());

  /** The sentinels see to it, too, some ten seconds later. */
  async function oldPrimaryFollows(): Promise<void> {
    await sentinel.oldPrimaryComesBack();
    const primary = portOf(await sentinel.primaryUrl());
    const old = sentinel.serverPorts.find((port) => port !== primary);
    await asking(old ?? 0, (redis) => redis.replicaof('127.0.0.1', primary));
  }

  inFull(() => {
    it('kill -9 of the primary', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        await them.rehearse('Sentinel: kill -9 of the primary', async () => {
          await sentinel.killPrimary();
          await sentinel.promoted();
        });
        await oldPrimaryFollows();
      }
    });
  });

  it('sessions open, close and move, and then Redis loses all of that in a failover', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      let moved = { node: '', epoch: 0 };
      await them.rehearse(
        'Sentinel: failover with lost writes',
        async (traffic) => {
          await sentinel.cutReplication();
          await them.agents.open(4);
          await them.agents.close(4);
          const { node } = await them.chaos.owner();
          await them.chaos.api.call('POST', `/nodes/${node}/drain`);
          moved = await them.chaos.ownerOtherThan(node);
          // A connection that still looks for its session's new owner would wait for Redis.
          await traffic.passed();
          await sentinel.killPrimary();
          await sentinel.promoted();
          // All of it took less than a lease: the boots live, and go on with a directory that lacks their last words.
          await eventually('the node takes sessions again', async () => {
            await them.chaos.api.call('POST', `/nodes/${node}/uncordon`);
            return (await them.chaos.node(node)).state === 'ready';
          });
        },
        { loss: true, refusedMs: REFUSED_MS, moves: true },
      );
      assert.deepEqual(await them.chaos.owner(), moved);
      await oldPrimaryFollows();
    }
  });

  inFull(() => {
    it('an old primary that is still writable: of two who claim a session there and here, one stands, and it is fenced', async () => {
      await them.rehearse('Sentinel: the old primary is still writable', async () => {
        const url = await sentinel.primaryUrl();
        await using there = connect(url);
        await using here = connect(sentinel.url);
        await Promise.all([there.waitUntilAvailable(), here.waitUntilAvailable()]);
        const [late, quick] = [worker('late'), worker('quick')];
        await beats(here, quick);
        await beats(there, late);

        sentinel.freezePrimary();
        await sentinel.promoted();
        assert.notEqual(await sentinel.primaryUrl(), url);
        await here.waitUntilAvailable();
        await beats(here, quick);
        await sentinel.oldPrimaryComesBack();
        await there.waitUntilAvailable();
        assert.match(await info(portOf(url)), /role:master/, 'it is no primary any more');

        // `late` does not know yet that it talks to a server that is none; the numbers decide whose session it is.
        const [first, second] = [claimOf('first', late), claimOf('second', late)];
        const lost = await takes(there, first);
        const won = await takes(here, { ...first, node: quick });
        const lostToo = await takes(here, { ...second, node: quick });
        const wonToo = await takes(there, second);
        assert.ok(won > lost && wonToo > lostToo);

        // It finds the primary, and tells what it holds.
        await beats(here, late);
        const about = { state: 'idle', connections: 0, bytesIn: 0, bytesOut: 0, connectedAtMs: 1 } as const;
        const told = await here.reassert(late, [
          { ...first, ...about, epoch: lost },
          { ...second, ...about, epoch: wonToo },
        ]);
        assert.deepEqual([told.get(first.sessionId), told.get(second.sessionId)], ['fenced', 'ok']);
        const mine = await here.updateSessions(quick, [
          { ...about, sessionId: first.sessionId, epoch: won },
          { ...about, sessionId: second.sessionId, epoch: lostToo },
        ]);
        assert.deepEqual([mine.get(first.sessionId), mine.get(second.sessionId)], ['ok', 'fenced']);
        assert.equal((await here.getSession(first.sessionId))?.node, quick.id);
        assert.equal((await here.getSession(second.sessionId))?.node, late.id);
        await here.release({ sessionId: first.sessionId, node: quick, epoch: won, reason: 'closed' });
        await here.release({ sessionId: second.sessionId, node: late, epoch: wonToo, reason: 'closed' });
        await here.leave(quick);
        await here.leave(late);
      });
    });
  });
});

function portOf(url: string): number {
  return Number(new URL(url).port);
}

function connect(url: string): Registry {
  return Registry.connect({ url, prefix: PREFIX, logger: silentLogger });
}

/** A worker of the test's own, in a pool where nobody else looks for one. */
function worker(id: string): NodeInfo {
  return {
    ...{ id, boot: `b_${id}`, role: 'worker', version: '1', pool: APART.pool, host: 'h', pid: 1 },
    ...{ admin: 'http://127.0.0.1:1', link: 'ws://127.0.0.1:1', capacity: 10, admissionRate: 10 },
  };
}

async function beats(registry: Registry, node: NodeInfo): Promise<void> {
  const load = { state: 'ready', sessions: 0, connections: 0 } as const;
  const reply = await registry.beat({ node, load });
  assert.equal(reply.outcome, 'ok');
  if (reply.outcome === 'ok') await registry.beat({ node, load, confirmed: reply.round });
}

function claimOf(name: string, node: NodeBoot): SessionClaim {
  return {
    ...{ sessionId: `s_of_two_${name}`, tenantId: APART.id, name: null, node, pool: APART.pool },
    ...{ agentId: `a_${name}`, keyId: 'k_1', labels: {}, lastEpoch: 0 },
  };
}

async function takes(registry: Registry, claim: SessionClaim): Promise<number> {
  const reply = await registry.claim(claim);
  assert.equal(reply.outcome, 'claimed', JSON.stringify(reply));
  return reply.outcome === 'claimed' ? reply.epoch : 0;
}
