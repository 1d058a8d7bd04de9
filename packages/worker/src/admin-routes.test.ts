import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { silentLogger } from '@culvert/base';
import type { DrainOrder } from '@culvert/contracts';
import { ClusterSecret, createAdminServer, Health, NodeClient } from '@culvert/service';
import { createMetrics } from '@culvert/telemetry/testing';
import { addAdminRoutes } from './admin-routes.ts';
import { Draining } from './testing/draining.ts';

/** A worker's endpoints, and who asks them; the client takes no answer that is not as the contract has it. */
async function endpoints(t: TestContext) {
  const draining = new Draining();
  const { drain, direct, world } = draining;
  const metrics = createMetrics({ role: 'worker', version: '1', node_id: 'w_1' });
  const admin = createAdminServer({
    ...{ listen: { host: '127.0.0.1', port: 0 }, advertiseHost: '127.0.0.1', logger: silentLogger, metrics },
    ...{ secret: ClusterSecret.parse('an example secret of 32 bytes or more'), health: new Health() },
  });
  t.after(async () => {
    await admin.close();
    await metrics.close();
  });
  addAdminRoutes(admin.app, {
    ...{ sessions: world.sessions, drain, direct, clock: world.clock, bufferedBytes: () => 0, redisNow: () => 0 },
    onDrain: (order) => drain.order(order),
    gate: { pass: () => true },
  });
  return { draining, client: new NodeClient({ key: 'k' }), url: await admin.listen() };
}

describe("a worker's own endpoints", { timeout: 10_000 }, () => {
  it('an order to drain is carried out once, and taken alike each time; one of an older fence is refused', async (t) => {
    const { draining, client, url } = await endpoints(t);
    await draining.admit(2);
    const key = 'd_1/w_1/announce/1';
    const order: DrainOrder = { policy: 'move', stage: 'announce', deployment: 'd_1', fence: 7, key };
    await client.drain(url, order);
    await client.drain(url, order);
    await assert.rejects(client.drain(url, { ...order, fence: 6, key: 'another' }), { code: 'fenced' });
    assert.partialDeepStrictEqual(await client.drainReport(url), {
      ...{ state: 'draining', stage: 'announce', policy: 'move', deployment: 'd_1', fence: 7, orders: [key] },
      ...{ idle: 2, busy: 0, connections: 0, direct: 0, sessions: [{ outcome: null }, { outcome: null }] },
    });
  });

  it("an operator's order says no more than its policy, or nothing", async (t) => {
    const { draining, client, url } = await endpoints(t);
    const none = await fetch(`${url}/drain`, { method: 'POST' });
    assert.deepEqual([none.status, await none.json()], [202, { state: 'empty', sessions: 0, connections: 0 }]);
    const told = { stage: 'busy', deployment: null, fence: 0, orders: [] };
    assert.partialDeepStrictEqual(await client.drainReport(url), { ...told, policy: 'move' });
    draining.drain.stop();
    await client.drain(url, { policy: 'wait' });
    assert.partialDeepStrictEqual(await client.drainReport(url), { ...told, policy: 'wait' });
  });

  it('an order that makes no sense is refused, and nothing is done', async (t) => {
    const { client, url } = await endpoints(t);
    for (const body of [{ policy: 'hurry' }, { stage: 'kill' }, { fence: -1 }, { key: 'k'.repeat(201) }]) {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${url}/drain`, { method: 'POST', headers, body: JSON.stringify(body) });
      assert.partialDeepStrictEqual(
        await response.json(),
        { status: 400, code: 'invalid_request' },
        JSON.stringify(body),
      );
    }
    const off = { state: 'off', stage: null, policy: null, deployment: null, orders: [] };
    assert.partialDeepStrictEqual(await client.drainReport(url), off);
  });

  it('tell how connections fare, and what a drain waits for', async (t) => {
    const { draining, client, url } = await endpoints(t);
    const [only] = await draining.admit(1);
    assert.ok(only);
    draining.connect(only.actor);
    assert.partialDeepStrictEqual(await client.stats(url), { asked: 1, opened: 1, failed: 0, lost: 0 });
    await client.drain(url, { policy: 'wait' });
    assert.partialDeepStrictEqual(await client.blockers(url), [{ reason: 'busy', session: only.actor.id }]);
  });
});
