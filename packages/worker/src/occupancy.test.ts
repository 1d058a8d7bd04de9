import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { occupancyOf } from './occupancy.ts';
import { Draining } from './testing/draining.ts';

describe('what a drain would find', () => {
  it('has the age of the oldest connection, wherever it is', async () => {
    const draining = new Draining();
    const { world } = draining;
    assert.deepEqual([draining.drain.report().longestMs, draining.drain.report().unmovable], [null, 0]);
    const [idle, busy] = await draining.admit(2);
    assert.ok(idle && busy);
    assert.equal(draining.drain.report().longestMs, null, 'sessions are no connections');
    draining.connect(busy.actor);
    await draining.advance(38_000);
    draining.connect(idle.actor);
    assert.partialDeepStrictEqual(draining.drain.report(), {
      state: 'off',
      busy: 2,
      connections: 2,
      longestMs: 38_000,
    });
    const openedAtMs = world.clock.now() - 50_000;
    const connection = { connectionId: 'c_direct' };
    const all = () => [{ connection, openedAtMs }] as unknown as ReturnType<typeof draining.direct.all>; // what is looked at
    assert.equal(occupancyOf([busy.actor], { all }, world.clock.now()).longestMs, 50_000);
  });

  it('counts the connections that cannot go on elsewhere, but not those of its own address', async () => {
    const draining = new Draining();
    const [busy] = await draining.admit(1);
    assert.ok(busy);
    for (let i = 0; i < 3; i += 1) draining.connect(busy.actor);
    const [old, own] = busy.actor.side.circuits();
    assert.ok(old && own);
    for (const circuit of [old, own]) Object.defineProperty(circuit, 'resumable', { value: false });
    const all = () => [{ connection: own.request, openedAtMs: 0 }] as ReturnType<typeof draining.direct.all>;
    const { unmovable } = occupancyOf([busy.actor], { all }, draining.world.clock.now());
    assert.equal(unmovable, 1);
  });
});
