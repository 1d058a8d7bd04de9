import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { toCulvertError } from '@culvert/base';
import { LiveWorker } from './testing/live-worker.ts';
import { Valve } from './testing/valve.ts';
import { FrameEdge, ticketOf, World } from './testing/world.ts';

const DEADLINE_MS = 15_000;

/** Resolves once it holds, asked again in every turn; an answer that is not there yet is none. */
async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  for (;;) {
    try {
      if (await holds()) return;
    } catch (thrown) {
      const { code } = toCulvertError(thrown);
      if (code !== 'recovering' && code !== 'registry_unavailable') throw thrown;
    }
    if (signal.aborted) throw new Error(`in vain: ${what}`);
    await new Promise(setImmediate);
  }
}

describe('a worker and a registry that fails', { timeout: 60_000 }, () => {
  let world: World;
  before(async () => {
    world = await World.start();
  });
  after(() => world[Symbol.asyncDispose]());

  const ownerOf = async (sessionId: string): Promise<string | undefined> => {
    const route = await world.registry.route(sessionId);
    return route && `${route.node.id}#${route.node.boot}`;
  };
  const refOf = ({ presence }: LiveWorker): string => `${presence.node.id}#${presence.node.boot}`;

  it('Redis stops for longer than a lease: what is here goes on, nothing new is taken, and all of it is checked after', async () => {
    await using worker = await LiveWorker.start(world.redis.url);
    const { actor, link } = await worker.open();
    const { boot } = worker.presence.node;
    const edge = new FrameEdge(worker.sessions);
    world.redis.freeze();
    await until('it is suspect', () => worker.suspect.suspect);
    assert.ok(edge.open(actor.id), 'connections of known sessions are opened as before');
    const refused = await worker.admit();
    assert.deepEqual([refused.actor, refused.link.end?.code], [undefined, 'registry_unavailable']);
    // The registry's own count of the lease is over as well, by then.
    await until('the lease is over', () => /since [2-9]/.test(worker.suspect.reason ?? ''));
    world.redis.thaw();
    await until('it is trusted', () => !worker.suspect.suspect);
    assert.notEqual(worker.presence.node.boot, boot, 'a boot that was declared dead never returns');
    await until('the directory has it', async () => (await ownerOf(actor.id)) === refOf(worker));
    assert.deepEqual([actor.state.phase, actor.connections, link.ends], ['busy', 1, []]);
    await until('others may place here', async () => (await world.registry.getNode(worker.id))?.state === 'ready');
    assert.ok((await worker.admit()).actor);
  });

  it('cut off alone: what others took is handed off, the rest is its own again, and its agents are called back', async () => {
    await using valve = await Valve.before(world.redis.port);
    await using worker = await LiveWorker.start(valve.url);
    worker.peersReady = true;
    const [kept, taken] = [await worker.open(), await worker.open()];
    const before = worker.presence.node;
    valve.close();
    await until('it is suspect', () => worker.suspect.suspect);
    assert.deepEqual([kept.actor.state.phase, kept.link.asked], ['idle', []]);
    await until('its agents are sent elsewhere', () => kept.link.asked.length > 0 && taken.link.asked.length > 0);
    assert.deepEqual([kept.link.asked, kept.link.end], [['draining'], undefined]);
    await until('its sessions are vacant', async () => (await ownerOf(taken.actor.id)) === undefined);
    const epoch = await world.takeElsewhere(taken.actor.ticket);
    valve.open();
    await until('it is trusted', () => !worker.suspect.suspect);
    assert.equal(taken.actor.state.phase, 'handed_off');
    assert.deepEqual([kept.actor.state.phase, kept.link.end], ['idle', undefined]);
    await until('the directory has the other', async () => (await ownerOf(kept.actor.id)) === refOf(worker));
    assert.equal((await world.registry.getSession(taken.actor.id))?.epoch, epoch);
    const late = await world.registry.beat({ node: before, load: { state: 'ready', sessions: 0, connections: 0 } });
    assert.equal(late.outcome, 'dead');
  });

  it('emptied: told again what is here, rid of what is not, and whole only after', async () => {
    await using worker = await LiveWorker.start(world.redis.url);
    const opened = [];
    for (let i = 0; i < 250; i += 1) opened.push(await worker.open());
    await world.flushRedis();
    let absent = 0;
    const ids = opened.map(({ actor }) => actor.id);
    await until('the directory has them', async () => {
      for (const id of ids) {
        if ((await world.registry.getSession(id)) === undefined) absent += 1;
        if ((await ownerOf(id)) !== refOf(worker)) return false;
      }
      return true;
    });
    assert.equal(absent, 0, 'what is not there yet is not called absent');
  });

  it('a session that the directory has under this boot, and that is not here, is taken out', async () => {
    await using worker = await LiveWorker.start(world.redis.url);
    const { actor } = await worker.open();
    // Its answer was lost, and so was the hint.
    const ghost = ticketOf();
    const reply = await worker.registry.claim({ ...ghost, node: worker.presence.node, pool: 'default' });
    assert.equal(reply.outcome, 'claimed');
    assert.equal(await ownerOf(ghost.sessionId), refOf(worker));
    await worker.ownership.check();
    await until('it is gone', async () => (await world.registry.getSession(ghost.sessionId)) === undefined);
    assert.equal(await ownerOf(actor.id), refOf(worker));
  });
});
