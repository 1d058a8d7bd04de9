import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import { ClusterSecret, createAdminServer, Health } from '@culvert/service';
import { createMetrics } from '@culvert/telemetry/testing';
import { MOVES_PER_SECOND } from './plan-moves.ts';
import { addShedRoute, shed } from './shed.ts';
import { StillWorld } from './testing/still-world.ts';
import { FrameEdge } from './testing/world.ts';

const SLOT_MS = 1_000 / MOVES_PER_SECOND;
const GRACE_MS = 15_000;

const NO_DRAIN = { state: 'off' } as const;

/** A worker with so many sessions. */
async function withSessions(count: number) {
  const world = new StillWorld();
  const admitted = [];
  for (let i = 0; i < count; i += 1) admitted.push(await world.admit());
  const { sessions, clock } = world;
  return { sessions, clock, admitted, options: { sessions, clock, drain: NO_DRAIN } };
}

describe('sending some sessions elsewhere', () => {
  it('tells as many as are wanted where to go and when, a target so many per second; the others stay', async () => {
    const { admitted, options } = await withSessions(6);
    const answer = shed(options, [
      { to: 'w_2', count: 3 },
      { to: 'w_3', count: 1 },
    ]);
    assert.deepEqual(answer, { asked: 4, lastMs: 2 * SLOT_MS });
    const asked = admitted.map(({ link }) => link.asked.join()).toSorted();
    assert.deepEqual(asked, ['', '', 'draining w_2', 'draining w_2', 'draining w_2', 'draining w_3']);
    const delays = admitted.filter(({ link }) => link.asked[0]?.endsWith('w_2')).flatMap(({ link }) => link.delaysMs);
    assert.deepEqual(delays, [0, SLOT_MS, 2 * SLOT_MS]);
    assert.ok(admitted.every(({ link, actor }) => link.end === undefined && actor.serving));
  });

  it('takes the idle ones first', async () => {
    const { sessions, admitted, options } = await withSessions(4);
    for (const { actor } of admitted.slice(0, 2)) assert.ok(new FrameEdge(sessions).open(actor.id));
    shed(options, [{ to: 'w_2', count: 3 }]);
    assert.deepEqual(
      admitted.map(({ link }) => link.asked.length),
      [1, 0, 1, 1],
    );
  });

  it('asked again, moves nobody twice, and no more than are wanted now', async () => {
    const { admitted, options } = await withSessions(6);
    const first = shed(options, [{ to: 'w_2', count: 2 }]);
    assert.equal(first.asked, 2);
    assert.deepEqual(shed(options, [{ to: 'w_2', count: 2 }]), { asked: 0, lastMs: 0 });
    assert.equal(shed(options, [{ to: 'w_2', count: 3 }]).asked, 1);
    assert.equal(shed(options, [{ to: 'w_2', count: 1_000 }]).asked, 3);
    assert.ok(admitted.every(({ link }) => link.asked.length === 1));
  });

  it('whose agent does not go stays, as far as this worker is concerned', async () => {
    const { clock, admitted, options } = await withSessions(2);
    shed(options, [{ to: 'w_2', count: 2 }]);
    const phases = () => admitted.map(({ actor }) => actor.state.phase);
    clock.advance(SLOT_MS + GRACE_MS - 1);
    assert.deepEqual(phases(), ['moving', 'moving']);
    clock.advance(1);
    assert.deepEqual(phases(), ['idle', 'idle']);
    assert.equal(shed(options, [{ to: 'w_2', count: 1 }]).asked, 1);
  });

  it('has nothing to say while the worker is drained, before or after', async () => {
    const { clock, admitted, sessions, options } = await withSessions(2);
    const draining = { sessions, clock, drain: { state: 'draining' } as const };
    assert.throws(() => shed(draining, [{ to: 'w_2', count: 1 }]), { code: 'draining' });
    const drain: { state: 'off' | 'draining' } = { state: 'off' };
    shed({ ...options, drain }, [{ to: 'w_2', count: 2 }]);
    drain.state = 'draining';
    clock.advance(60_000);
    assert.deepEqual(
      admitted.map(({ actor }) => actor.state.phase),
      ['moving', 'moving'],
    );
  });

  it('is asked for at the admin address; what makes no sense is refused', async (t) => {
    const { options } = await withSessions(3);
    const metrics = createMetrics({ role: 'worker', version: '1', node_id: 'w_1' });
    const admin = createAdminServer({
      ...{ listen: { host: '127.0.0.1', port: 0 }, advertiseHost: '127.0.0.1', logger: silentLogger, metrics },
      ...{ secret: ClusterSecret.parse('an example secret of 32 bytes or more'), health: new Health() },
    });
    t.after(async () => {
      await admin.close();
      await metrics.close();
    });
    addShedRoute(admin.app, options);
    const url = `${await admin.listen()}/moves`;
    const ask = async (body: unknown) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
      return [response.status, await response.json()] as const;
    };
    assert.deepEqual(await ask({ moves: [{ to: 'w2', count: 2 }] }), [202, { asked: 2, lastMs: SLOT_MS }]);
    for (const body of [{}, { moves: [] }, { moves: [{ to: 'w2', count: 0 }] }, { moves: [{ to: 'w 2', count: 1 }] }]) {
      const [status, problem] = await ask(body);
      assert.equal(status, 400);
      assert.equal((problem as { code: string }).code, 'invalid_request');
    }
  });
});
