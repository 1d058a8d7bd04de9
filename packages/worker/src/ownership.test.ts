import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ownership } from './ownership.ts';
import type { SessionActor } from './session-actor.ts';
import { StillWorld } from './testing/still-world.ts';

function setUp({ takes = true } = {}) {
  const world = new StillWorld();
  const log: string[] = [];
  const ownership = new Ownership({
    selfId: 'w_1',
    sessions: world.sessions,
    reporter: {
      changed: ({ id }: SessionActor) => log.push(`changed ${id}`),
      reassertAll: async () => {
        log.push('reassert');
        return takes;
      },
    },
    presence: { confirm: async () => void log.push('beat') },
  });
  return { world, log, ownership };
}

describe('ownership', () => {
  it('after lost hints every session is reported, whatever the registry made of it', async () => {
    const { world, log, ownership } = setUp();
    const actors = [(await world.admit()).actor, (await world.admit()).actor];
    ownership.hear({ kind: 'reset' });
    assert.deepEqual(
      log,
      actors.map((actor) => `changed ${actor?.id}`),
    );
  });

  it('a session that nobody owns in the registry is reported where it is', async () => {
    const { world, log, ownership } = setUp();
    const { actor = assert.fail() } = await world.admit();
    const before = log.length;
    ownership.hear({ kind: 'session', sessionId: actor.id, epoch: 1, owner: null, agentId: null });
    ownership.hear({ kind: 'session', sessionId: 's_elsewhere', epoch: 1, owner: null, agentId: null });
    assert.equal(log.length, before, 'the sessions tell their reporter themselves');
    assert.equal(world.changed.at(-1), actor);
  });

  it('a session that the registry gives to this worker and that is not here is given back', async () => {
    const { world, ownership } = setUp();
    ownership.hear({ kind: 'session', sessionId: 's_lost', epoch: 7, owner: 'w_1', agentId: 'a_1' });
    assert.deepEqual(world.released, ['s_lost timeout']);
  });

  it('a session that another worker has now is handed off', async () => {
    const { world, ownership } = setUp();
    const { actor = assert.fail() } = await world.admit();
    const epoch = (actor.epoch ?? 0) + 1;
    ownership.hear({ kind: 'session', sessionId: actor.id, epoch, owner: 'w_2', agentId: actor.ticket.agentId });
    assert.equal(actor.state.phase, 'handed_off');
    ownership.hear({ kind: 'node', nodeId: 'w_2' });
  });

  it('a registry that lost its data is told of sessions whose agents are away, too; of none when there is none', async () => {
    const { world, log, ownership } = setUp();
    await ownership.reassert();
    assert.deepEqual(log, []);
    const { link } = await world.admit();
    link.lost();
    await link.closed;
    assert.equal(world.sessions.size, 0);
    await ownership.reassert();
    assert.deepEqual(log, ['reassert']);
  });

  it('checks with a lease of its own first, and has not checked when the registry took no answer', async () => {
    const good = setUp();
    await good.ownership.check();
    assert.deepEqual(good.log, ['beat', 'reassert']);
    await assert.rejects(setUp({ takes: false }).ownership.check(), { code: 'registry_unavailable' });
  });
});
