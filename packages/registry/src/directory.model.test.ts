import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { Registry } from './registry.ts';
import { beats, claimOf, nodeOf, READY, reassertOf, updateOf } from './testing/fixtures.ts';
import { DirectoryModel, type Grant } from './testing/model.ts';
import { rememberData } from './testing/rewind.ts';
import { startRedis, type TestRedis } from './testing/start-redis.ts';
import type { NodeInfo } from './types.ts';

const NODES = ['w1', 'w2', 'w3', 'w4'];
const SESSIONS = ['s_1', 's_2', 's_3', 's_4', 's_5'];
const CAPACITY = 3;
const RULES = { pinned: { pools: ['dedicated', 'overflow'], sessions: 2 } };

const node = fc.constantFrom(...NODES);
const claimStep = fc.record({
  kind: fc.constant('claim' as const),
  session: fc.constantFrom(...SESSIONS),
  tenant: fc.constantFrom('acme', 'acme', 'acme', 'pinned', 'umbrella'),
  node,
  pool: fc.constantFrom('default', 'default', 'dedicated', 'overflow'),
  /** What the claimant expects: nothing, the epoch in force, or one that is over. */
  expects: fc.constantFrom('any', 'any', 'present', 'past'),
  /** How far the agent is ahead of the directory. */
  ahead: fc.nat(3),
});
const ownerStep = fc.record({ kind: fc.constantFrom('release' as const, 'update' as const), grant: fc.nat(20) });
/** A session has one tenant for ever: its id is derived from it, or random. */
const told = fc.oneof(
  {
    weight: 2,
    arbitrary: claimStep.map((s) => ({ ...s, tenant: s.session === 's_1' ? ('pinned' as const) : ('acme' as const) })),
  },
  { weight: 1, arbitrary: ownerStep },
);
const step = fc.oneof(
  { weight: 4, arbitrary: claimStep },
  { weight: 3, arbitrary: ownerStep },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reassert' as const), grant: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('leave' as const, 'lapse' as const), node }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('renew' as const), node }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cordon' as const), node, on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('sweep' as const, 'lose' as const) }) },
);
type StepOf<A> = A extends fc.Arbitrary<infer T> ? T : never;

describe('the directory, against a naive twin', () => {
  let redis: TestRedis;
  let admin: Redis;
  let registry: Registry;
  let model: DirectoryModel;
  before(async () => {
    redis = await startRedis();
    admin = new Redis(redis.url);
    registry = Registry.connect({ url: redis.url, logger: silentLogger, newMs: 0, lostMs: 0 });
    await registry.waitUntilAvailable(AbortSignal.timeout(5_000));
    await registry.settings.putTenant({
      ...{ id: 'pinned', name: 'Pinned', createdAt: 0, pool: 'dedicated', spill: ['overflow'] },
      limits: { sessions: RULES.pinned.sessions, connectionsPerSession: 1 },
    });
  });
  after(async () => {
    await registry.close();
    admin.disconnect();
    await redis.stop();
  });

  /** Boots differ from run to run, because what a boot has told is remembered. */
  let run = 0;
  const info = (id: string): NodeInfo => nodeOf({ id, boot: `${run}-${model.bootOf(id)}`, capacity: CAPACITY });

  async function begin(): Promise<void> {
    run += 1;
    model = new DirectoryModel(NODES, CAPACITY, RULES);
    await admin.flushall();
    await registry.settings.restore(registry.settings.snapshot);
    for (const id of NODES) await beats(registry, info(id));
  }

  async function claim(s: StepOf<typeof claimStep>): Promise<void> {
    const present = model.epochOf(s.session);
    const expectedEpoch = { any: undefined, present, past: Math.max(0, present - 1) }[s.expects];
    const lastEpoch = Math.max(present, model.highestOf(s.session)) + s.ahead;
    const expected = model.claim({ ...s, expectedEpoch });
    const asked = { ...claimOf(info(s.node), { sessionId: s.session, tenantId: s.tenant, pool: s.pool }), lastEpoch };
    const reply = await registry.claim({ ...asked, ...(expectedEpoch === undefined ? {} : { expectedEpoch }) });
    assert.equal(reply.outcome === 'refused' ? reply.reason : reply.outcome, expected);
    if (reply.outcome !== 'claimed') return;
    assert.ok(reply.epoch > lastEpoch, 'an epoch rises above every one before');
    model.granted({ session: s.session, tenant: s.tenant, node: s.node, pool: s.pool, epoch: reply.epoch });
  }

  const reassertion = ({ session, tenant, node: id, pool, epoch }: Grant) =>
    reassertOf(claimOf(info(id), { sessionId: session, tenantId: tenant, pool }), epoch);

  async function own(kind: 'release' | 'update' | 'reassert', index: number): Promise<void> {
    const grant = model.grants[index % Math.max(1, model.grants.length)];
    if (!grant) return;
    const { session: sessionId, epoch } = grant;
    const owner = info(grant.node);
    if (kind === 'update') {
      const outcomes = await registry.updateSessions(owner, [updateOf(sessionId, epoch)]);
      assert.equal(outcomes.get(sessionId), model.update(grant));
    } else if (kind === 'release') {
      assert.equal(await registry.release({ sessionId, node: owner, epoch, reason: 'aborted' }), model.release(grant));
    } else {
      const expected = model.reassert(grant);
      const outcome = registry.reassert(owner, [reassertion(grant)]);
      if (expected === 'dead') await assert.rejects(outcome, { code: 'fenced' });
      else assert.equal((await outcome).get(sessionId), expected);
    }
  }

  async function apply(s: StepOf<typeof step>): Promise<void> {
    switch (s.kind) {
      case 'claim':
        return claim(s);
      case 'release':
      case 'update':
      case 'reassert':
        return own(s.kind, s.grant);
      case 'leave':
        await registry.leave(info(s.node));
        return model.leaves(s.node);
      case 'lapse':
        // What the clock does to a lease that nobody renews. Lately: a node that is long dead would be forgotten, too.
        await admin.zadd('{culvert}:leases', 'XX', String(Date.now() - 1_000), `${s.node}#${info(s.node).boot}`);
        return model.lapses(s.node);
      case 'renew':
        model.renews(s.node);
        await beats(registry, info(s.node));
        return;
      case 'cordon':
        assert.equal((await registry.setCordoned(s.node, s.on)) !== undefined, model.cordon(s.node, s.on));
        if (model.lives(s.node)) await beats(registry, info(s.node)); // the node hears of it
        return;
      case 'sweep':
        assert.equal((await registry.sweep({ sessionGraceMs: 0 })).sessions, model.sweep());
        return;
      case 'lose':
        await admin.flushall();
        await registry.settings.restore(registry.settings.snapshot);
        model.loses();
        return heal();
    }
  }

  /** What live workers do: beat, tell what the beat says is missing, confirm. */
  async function heal(): Promise<void> {
    for (const id of NODES.filter((one) => model.lives(one))) {
      const owner = info(id);
      const reply = await registry.beat({ node: owner, load: READY });
      if (reply.outcome !== 'ok') assert.fail('a live boot was declared dead');
      const { missing } = reply;
      const held = model.held(id);
      const operations = missing.kind === 'some' ? missing.operations : [];
      const again =
        missing.kind === 'unknown'
          ? held
          : held.filter(({ session }) => operations.some(({ sessionId }) => sessionId === session));
      const outcomes = await registry.reassert(owner, again.map(reassertion));
      for (const { session } of again) assert.equal(outcomes.get(session), 'ok');
      for (const { sessionId, epoch, released } of operations) {
        if (released) await registry.release({ sessionId, node: owner, epoch, reason: 'aborted' });
      }
    }
    for (const id of NODES.filter((one) => model.lives(one))) await beats(registry, info(id));
  }

  /** The entries, by session, as the directory has them. */
  async function listed() {
    const { items, next } = await registry.listSessions({ limit: 100 });
    assert.equal(next, null);
    return items
      .map(({ id, tenant, node: owner, epoch, pool }) => ({ id, tenant, owner, epoch, pool }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async function assertIndexes(): Promise<void> {
    const entries = await Promise.all(
      (await admin.keys('{culvert}:s:*')).map(async (key) => [key.slice(12), (await admin.get(key)) ?? ''] as const),
    );
    const owned = entries.map(([id, text]) => `${text.slice(0, text.indexOf(' '))}/${id}`);
    assert.deepEqual(await admin.zrange('{culvert}:owned', '0', '-1'), owned.sort());
    const tenanted = entries.map(([id, text]) => `${JSON.parse(text.slice(text.indexOf(' '))).t}/${id}`);
    assert.deepEqual(await admin.zrange('{culvert}:tenanted', '0', '-1'), tenanted.sort());
  }

  const bounded = { interruptAfterTimeLimit: 6_000, markInterruptAsFailure: false };

  it('any history leaves the directory and its indexes as the twin has them', async () => {
    const history = fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      await begin();
      for (const s of steps) await apply(s);
      const live = new Set(model.held().map(({ session }) => session));
      const expected = [...model.entries.values()]
        .map((e) => ({
          id: e.session,
          tenant: e.tenant,
          owner: live.has(e.session) ? e.node : null,
          epoch: e.epoch,
          pool: e.pool,
        }))
        .sort((a, b) => (a.id < b.id ? -1 : 1));
      assert.deepEqual(await listed(), expected);
      await assertIndexes();
    });
    await fc.assert(history, { numRuns: 80, ...bounded });
  });

  it('whatever writes a failover loses, the owners see it at their next beat and put it back', async () => {
    const history = fc.asyncProperty(
      fc.array(told, { maxLength: 15 }),
      fc.array(told, { maxLength: 15 }),
      async (kept, lost) => {
        await begin();
        for (const s of kept) await apply(s);
        const rewind = await rememberData(admin);
        for (const s of lost) await apply(s);
        await rewind();
        await heal();
        const expected = model
          .held()
          .map((e) => ({ id: e.session, tenant: e.tenant, owner: e.node, epoch: e.epoch, pool: e.pool }));
        assert.deepEqual(
          await listed(),
          expected.sort((a, b) => (a.id < b.id ? -1 : 1)),
        );
        await assertIndexes();
      },
    );
    await fc.assert(history, { numRuns: 60, ...bounded });
  });
});
