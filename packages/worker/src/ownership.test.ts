import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError, silentLogger } from '@culvert/base';
import type { NodeInfo } from '@culvert/registry';
import { Ownership } from './ownership.ts';
import type { SessionActor } from './session-actor.ts';
import { StillWorld } from './testing/still-world.ts';

const NODE: NodeInfo = {
  ...{ id: 'w_1', boot: 'b_1', role: 'worker', version: '1', pool: 'default', host: 'h', pid: 1, admin: '' },
  ...{ capacity: 1, admissionRate: 1 },
};

function setUp() {
  const world = new StillWorld();
  const log: string[] = [];
  /** Rejects each command of the registry while it is set. */
  const trouble: { error: CulvertError | undefined } = { error: undefined };
  let lease: (held: boolean) => void = () => undefined;
  const ownership = new Ownership({
    selfId: 'w_1',
    sessions: world.sessions,
    registry: {
      listOwned: async () => ({ ids: [], next: null }),
      getSession: async () => undefined,
      release: async () => 'absent',
    },
    reporter: {
      changed: ({ id }: SessionActor) => log.push(`changed ${id}`),
      reassert: async (actors) => {
        if (trouble.error !== undefined) throw trouble.error;
        log.push(`reassert ${actors.length}`);
      },
    },
    presence: {
      node: NODE,
      confirm: async () => void log.push('beat'),
      confirmRound: (round) => log.push(`confirm ${round}`),
      onLease: (listener) => {
        lease = listener;
        return () => undefined;
      },
      beatSoon: () => log.push('beat soon'),
    },
    clock: world.clock,
    logger: silentLogger,
    random: () => 0.5,
  });
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 20; i += 1) {
      world.clock.advance(1);
      await new Promise(setImmediate);
    }
  };
  return { world, log, ownership, trouble, lease: (held: boolean) => lease(held), settle };
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
  });

  it('what the registry tells of this node is fetched at once', () => {
    const { log, ownership } = setUp();
    ownership.hear({ kind: 'node', nodeId: 'w_2' });
    assert.deepEqual(log, []);
    ownership.hear({ kind: 'node', nodeId: 'w_1' });
    assert.deepEqual(log, ['beat soon']);
  });

  it('a registry that lost its data is told of sessions whose agents are away, too; of none when there is none', async () => {
    const { world, log, ownership, settle } = setUp();
    ownership.beaten({ missing: { kind: 'unknown' }, round: 'r1' });
    await settle();
    assert.deepEqual(log, ['confirm r1']);
    const { link } = await world.admit();
    link.lost();
    await link.closed;
    assert.equal(world.sessions.size, 0);
    ownership.beaten({ missing: { kind: 'unknown' }, round: 'r1' });
    await settle();
    assert.deepEqual(log.slice(1), ['reassert 1', 'confirm r1']);
    ownership.close();
  });

  it('checks with a lease of its own first, and has not checked while the registry takes no answer', async () => {
    const { world, log, ownership, trouble, settle } = setUp();
    await world.admit();
    trouble.error = new CulvertError('registry_unavailable');
    let checked = false;
    const check = ownership.check().then(() => {
      checked = true;
    });
    await settle();
    assert.deepEqual([log, checked], [['beat'], false]);
    trouble.error = undefined;
    world.clock.advance(4_000);
    await settle();
    await check;
    assert.deepEqual(log, ['beat', 'reassert 1']);
    ownership.close();
  });

  it('cut off and back: nothing new is taken until the sessions were told, which others hear of at once', async () => {
    const { world, log, ownership, lease, settle } = setUp();
    await world.admit();
    lease(true);
    lease(false);
    world.clock.advance(10_000);
    assert.equal(ownership.refusal()?.code, 'registry_unavailable');
    log.length = 0;
    ownership.beaten({ missing: { kind: 'unknown' }, round: 'r1' });
    lease(true);
    assert.equal(ownership.refusal()?.code, 'registry_unavailable');
    await settle();
    assert.deepEqual([ownership.refusal(), log], [undefined, ['reassert 1', 'beat soon', 'confirm r1']]);
    ownership.close();
  });
});
