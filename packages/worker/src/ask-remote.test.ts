import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { randomId, Scope, silentLogger, systemClock } from '@culvert/base';
import { ClusterSecret, createAdminServer, type FindOwner, Health, SessionAsker, WorkerClient } from '@culvert/service';
import { createMetrics } from '@culvert/telemetry/testing';
import { addAdminRoutes } from './admin-routes.ts';
import { DirectConnections } from './direct-connections.ts';
import { Drain } from './drain.ts';
import type { Sessions } from './sessions.ts';
import { FrameEdge, ticketOf, World } from './testing/world.ts';

const secret = ClusterSecret.parse('an example secret of 32 bytes or more');

/** A worker in a real registry, as far as its sessions and its admin address go. */
interface TestWorker {
  readonly id: string;
  readonly sessions: Sessions;
  readonly admin: string;
}

describe('asking a session of real workers', { timeout: 60_000 }, () => {
  const scope = new Scope();
  let world: World;
  let one: TestWorker;
  let two: TestWorker;

  before(async () => {
    world = await World.start();
    scope.defer('world', () => world[Symbol.asyncDispose]());
    [one, two] = [await startWorker(), await startWorker()];
  });
  after(() => scope.close());

  async function startWorker(): Promise<TestWorker> {
    const node = { id: randomId('w'), boot: randomId('b') };
    await world.beat(node);
    const sessions = world.sessions({ node: () => node });
    const metrics = createMetrics({ role: 'worker', version: '1', node_id: node.id });
    scope.own('metrics', metrics);
    const admin = createAdminServer({
      ...{ listen: { host: '127.0.0.1', port: 0 }, advertiseHost: null, secret, health: new Health() },
      ...{ metrics, logger: silentLogger },
    });
    scope.own('admin', admin);
    const direct = new DirectConnections();
    const drain = new Drain({
      ...{ sessions, direct, selfId: node.id, version: '1', pool: 'default', clock: systemClock, logger: silentLogger },
      nodes: () => world.registry.listNodes(),
    });
    addAdminRoutes(admin.app, {
      ...{ sessions, direct, drain, clock: systemClock, gate: { pass: () => true } },
      bufferedBytes: () => 0,
      onDrain: () => undefined,
      redisNow: () => world.registry.redisNow(),
    });
    return { id: node.id, sessions, admin: await admin.listen() };
  }

  const findOwner: FindOwner = async (sessionId) => {
    const session = await world.registry.getSession(sessionId);
    const worker = [one, two].find(({ id }) => id === session?.node);
    return session && worker && { node: worker.id, admin: worker.admin, epoch: session.epoch };
  };

  function askerWith(find: FindOwner = findOwner, redisNow = () => world.registry.redisNow()) {
    return new SessionAsker({ workers: new WorkerClient({ key: 'k' }), findOwner: find, redisNow });
  }

  it('finds it wherever it lives', async () => {
    for (const worker of [one, two]) {
      const { actor } = await world.admit(worker.sessions);
      assert.ok(actor);
      const answer = await askerWith().ask(actor.id, { kind: 'describe' });
      assert.partialDeepStrictEqual(answer, { outcome: 'done', session: { id: actor.id, epoch: actor.epoch } });
    }
  });

  it('closes it once, however often it is asked', async () => {
    const { actor, link } = await world.admit(one.sessions);
    assert.ok(actor);
    const end = new FrameEdge(one.sessions).open(actor.id);
    const asker = askerWith();
    assert.deepEqual(await asker.ask(actor.id, { kind: 'close_if_idle' }), { outcome: 'busy', connections: 1 });
    end?.();
    assert.deepEqual(await asker.ask(actor.id, { kind: 'close_if_idle' }), { outcome: 'done' });
    assert.partialDeepStrictEqual(link.end, { code: 'session_closed', final: true });
    for (const kind of ['close_if_idle', 'close'] as const) {
      assert.equal((await asker.ask(actor.id, { kind })).outcome, 'offline');
    }
    assert.equal(link.ends.length, 1);
  });

  it("that comes too late on Redis's clock does nothing", async () => {
    const { actor } = await world.admit(one.sessions);
    assert.ok(actor);
    const slow = askerWith(findOwner, () => (world.registry.redisNow() ?? 0) - 60_000);
    assert.deepEqual(await slow.ask(actor.id, { kind: 'close' }), { outcome: 'late' });
    assert.equal(actor.state.phase, 'idle');
  });

  it('moves it, and follows it; what was meant for the ownership before does nothing', async () => {
    const ticket = ticketOf();
    const { actor, link } = await world.admit(one.sessions, ticket);
    const epoch = actor?.epoch ?? 0;
    const stale = await findOwner(ticket.sessionId, { refresh: false });
    const answer = await askerWith().ask(ticket.sessionId, { kind: 'move', to: two.id }, { epoch });
    assert.deepEqual([answer, link.asked], [{ outcome: 'done', to: two.id }, [`draining ${two.id}`]]);
    // Its agent follows the advice; its old owner hears of it.
    const moved = await world.admit(two.sessions, { ...ticket, lastEpoch: epoch });
    const newer = moved.actor?.epoch ?? 0;
    one.sessions.fence(ticket.sessionId, newer, ticket.agentId);

    const close = { kind: 'close' } as const;
    // An asker that has heard of nothing yet is sent on by the old owner.
    const remembering = askerWith(async (id, { refresh }) => (refresh ? findOwner(id, { refresh }) : stale));
    const where = { outcome: 'moved', epoch: newer, node: two.id };
    assert.deepEqual(await remembering.ask(ticket.sessionId, close, { epoch }), where);
    assert.deepEqual(await askerWith().ask(ticket.sessionId, close, { epoch }), { outcome: 'fenced', epoch: newer });
    assert.equal(moved.actor?.state.phase, 'idle');
    const described = await remembering.ask(ticket.sessionId, { kind: 'describe' });
    assert.partialDeepStrictEqual(described, { outcome: 'done', session: { epoch: newer } });
    assert.deepEqual(await remembering.ask(ticket.sessionId, close, { epoch: newer }), { outcome: 'done' });
    assert.equal(moved.actor?.state.phase, 'closed');
  });
});
