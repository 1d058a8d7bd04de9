import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { Registry } from './registry.ts';
import { claimOf, nodeOf, READY, updateOf } from './testing/fixtures.ts';
import { startRedis, type TestRedis } from './testing/start-redis.ts';

const NODES = ['w1', 'w2', 'w3'].map((id) => nodeOf({ id, boot: `${id}-boot`, capacity: 2 }));
const SESSIONS = ['s_1', 's_2', 's_3', 's_4'];

/** A naive twin of the directory: who has what, who lives. */
class Model {
  readonly alive = new Set(NODES.map(({ id }) => id));
  readonly entries = new Map<string, { tenant: string; node: string; epoch: number }>();
  /** Every ownership that was ever granted. */
  readonly granted: { session: string; node: string; epoch: number }[] = [];

  claim(session: string, tenant: string, node: string): string {
    if (!this.alive.has(node)) return 'node_not_ready';
    const entry = this.entries.get(session);
    if (entry && entry.tenant !== tenant) return 'fenced';
    const held = [...this.entries.values()].filter((other) => other.node === node).length;
    return entry?.node !== node && held >= 2 ? 'full' : 'claimed';
  }
}

const step = fc.oneof(
  fc.record({
    kind: fc.constant('claim' as const),
    session: fc.constantFrom(...SESSIONS),
    tenant: fc.constantFrom('acme', 'acme', 'acme', 'umbrella'),
    node: fc.nat(NODES.length - 1),
  }),
  fc.record({ kind: fc.constantFrom('release' as const, 'update' as const), grant: fc.nat(20) }),
  fc.record({ kind: fc.constant('leave' as const), node: fc.nat(NODES.length - 1) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

describe('claims, against a naive twin', () => {
  let redis: TestRedis;
  let admin: Redis;
  let registry: Registry;
  before(async () => {
    redis = await startRedis();
    admin = new Redis(redis.url);
    registry = Registry.connect({ url: redis.url, logger: silentLogger });
    await registry.waitUntilAvailable(AbortSignal.timeout(5_000));
  });
  after(async () => {
    await registry.close();
    admin.disconnect();
    await redis.stop();
  });

  async function apply(model: Model, s: Step): Promise<void> {
    if (s.kind === 'leave') {
      const node = NODES[s.node] ?? assert.fail();
      model.alive.delete(node.id);
      await registry.leave(node);
    } else if (s.kind === 'claim') {
      const node = NODES[s.node] ?? assert.fail();
      const expected = model.claim(s.session, s.tenant, node.id);
      const reply = await registry.claim(claimOf(node, { sessionId: s.session, tenantId: s.tenant }));
      assert.equal(reply.outcome === 'refused' ? reply.reason : reply.outcome, expected);
      if (reply.outcome !== 'claimed') return;
      const before = model.entries.get(s.session)?.epoch ?? 0;
      assert.ok(reply.epoch > before);
      model.entries.set(s.session, { tenant: s.tenant, node: node.id, epoch: reply.epoch });
      model.granted.push({ session: s.session, node: node.id, epoch: reply.epoch });
    } else {
      await applyOwner(model, s.kind, s.grant);
    }
  }

  async function applyOwner(model: Model, kind: 'release' | 'update', index: number): Promise<void> {
    const grant = model.granted[index % Math.max(1, model.granted.length)];
    if (!grant) return;
    const { session: sessionId, epoch } = grant;
    const node = NODES.find(({ id }) => id === grant.node) ?? assert.fail();
    const current = model.entries.get(sessionId)?.epoch ?? 0;
    const expected = current > epoch ? 'fenced' : current < epoch ? 'absent' : kind === 'update' ? 'ok' : 'released';
    if (kind === 'update') {
      assert.equal((await registry.updateSessions(node, [updateOf(sessionId, epoch)])).get(sessionId), expected);
    } else {
      assert.equal(await registry.release({ sessionId, node, epoch, reason: 'aborted' }), expected);
      if (expected === 'released') model.entries.delete(sessionId);
    }
  }

  it('any history leaves the directory and its indexes as the twin has them', async () => {
    const history = fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      await admin.flushall();
      for (const node of NODES) await registry.beat(node, READY);
      const model = new Model();
      for (const s of steps) await apply(model, s);
      const { items } = await registry.listSessions({ limit: 10 });
      const expected = [...model.entries].sort(([a], [b]) => (a < b ? -1 : 1));
      assert.deepEqual(
        items.map(({ id, tenant, node, epoch }) => [id, { tenant, node, epoch }]),
        expected.map(([id, e]) => [id, { ...e, node: model.alive.has(e.node) ? e.node : null }]),
      );
      const owned = expected.map(([id, e]) => `${e.node}#${e.node}-boot/${id}`).sort();
      assert.deepEqual(await admin.zrange('{culvert}:owned', '0', '-1'), owned);
      const tenanted = expected.map(([id, e]) => `${e.tenant}/${id}`).sort();
      assert.deepEqual(await admin.zrange('{culvert}:tenanted', '0', '-1'), tenanted);
    });
    await fc.assert(history, { numRuns: 60, interruptAfterTimeLimit: 4_000, markInterruptAsFailure: false });
  });
});
