import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Frame, FrameType } from '@culvert/mux';
import { Draining } from './testing/draining.ts';

const BY = { deployment: 'd_1', fence: 1, policy: 'wait', stage: 'busy' } as const;

describe('what a drain waits for', { timeout: 5_000 }, () => {
  it('is each connection of a busy session, with its target, its last byte and how fast it is; the oldest first', async () => {
    const draining = new Draining();
    draining.world.clock.advance(2_000);
    const [busy] = await draining.admit(1);
    assert.ok(busy);
    draining.connect(busy.actor);
    draining.world.clock.advance(1_000);
    draining.connect(busy.actor);
    draining.openDirect('s_elsewhere');
    await draining.order(BY);
    const [direct, older, newer] = draining.drain.blockers();
    assert.partialDeepStrictEqual(direct, { kind: 'connection', reason: 'direct', session: 's_elsewhere' });
    const session = { kind: 'session', reason: 'busy', session: busy.actor.id };
    assert.partialDeepStrictEqual(older, { ...session, since: '1970-01-01T00:00:02.000Z' });
    assert.partialDeepStrictEqual(newer, { ...session, since: '1970-01-01T00:00:03.000Z' });
    assert.match(older?.target ?? '', /:\d+$/);
    assert.ok(older?.connection);
    const [circuit] = busy.actor.side.circuits();
    await draining.advance(2_000);
    busy.actor.side.receive(new Frame(FrameType.DATA, circuit?.agentStream ?? 0, 0, Buffer.alloc(4_000)));
    const rates = draining.drain.blockers().map(({ bytesPerSecond, lastByteAt }) => [bytesPerSecond, lastByteAt]);
    assert.deepEqual(rates, [
      [0, undefined],
      [2_000, '1970-01-01T00:00:05.000Z'],
      [0, '1970-01-01T00:00:03.000Z'],
    ]);
  });

  it('is an idle session by itself, and a direct connection once, also while its session is here', async () => {
    const draining = new Draining();
    draining.nodes = [];
    const [only] = await draining.admit(1);
    assert.ok(only);
    draining.openDirect(only.actor.id);
    await draining.order({ ...BY, policy: 'move' });
    assert.deepEqual(
      draining.drain.blockers().map(({ kind, connection, reason }) => [kind, connection, reason]),
      [
        ['session', null, 'no_target'],
        ['connection', 'c_7', 'direct'],
      ],
    );
  });

  it('before its stage has come, a busy session is named as busy', async () => {
    const draining = new Draining();
    const [only] = await draining.admit(1);
    assert.ok(only);
    draining.connect(only.actor);
    await draining.order({ ...BY, policy: 'move', stage: 'idle' });
    assert.deepEqual(draining.drain.blockers()[0]?.reason, 'busy');
    await draining.order({ ...BY, policy: 'move' });
    assert.deepEqual(draining.drain.blockers()[0]?.reason, 'moving');
  });

  it('is told of a thousand at most', async () => {
    const draining = new Draining();
    await draining.admit(1_001);
    await draining.order({ ...BY, policy: 'move', stage: 'announce' });
    assert.equal(draining.drain.blockers().length, 1_000);
  });
});
