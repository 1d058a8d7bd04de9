import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import { type NodeInfo, Registry } from '@culvert/registry';
import { startRedis } from '@culvert/registry/testing';
import { DocumentKeeper } from './document-keeper.ts';

const node: NodeInfo = {
  ...{ id: 'w-1', boot: 'b1', role: 'worker', version: '1', pool: 'default', host: 'h', pid: 1 },
  ...{ proxy: 'http://h:1', link: 'ws://h:2', admin: 'http://h:3', capacity: 1, admissionRate: 1 },
};
/** A data set is whole as soon as all nodes say so. */
const AT_ONCE = { newMs: 0, lostMs: 0 };

/** A Redis that can lose everything, deploy workers that keep what was in it, and a folder for what they keep. */
async function open() {
  const stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedis());
  const registry = Registry.connect({ url: redis.url, logger: silentLogger, ...AT_ONCE });
  stack.defer(() => registry.close());
  await registry.waitUntilAvailable();
  const dir = await mkdtemp(join(tmpdir(), 'culvert-documents-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const load = { state: 'ready' as const, sessions: 0, connections: 0 };
  const beats = async (): Promise<void> => {
    const reply = await registry.beat({ node, load });
    assert.equal(reply.outcome, 'ok');
    await registry.beat({ node, load, confirmed: reply.round });
  };
  await beats();
  return {
    keeper: (where: string | null = null) => new DocumentKeeper({ registry, dir: where, logger: silentLogger }),
    deployments: registry.deployments,
    dir,
    ids: async () => ({
      schedules: [...(await registry.deployments.documents('schedule')).keys()].toSorted(),
      windows: [...(await registry.deployments.documents('window')).keys()].toSorted(),
    }),
    async loseAll() {
      await redis.restart();
      await registry.waitUntilAvailable();
      await beats();
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

describe('schedules and windows that Redis has lost', () => {
  it('are put back as they were', async () => {
    await using world = await open();
    const { deployments } = world;
    const keeper = world.keeper();
    await deployments.putDocument('schedule', 'night', { cron: '0 2 * * *' });
    await deployments.putDocument('window', 'sunday', { minutes: 60 });
    await keeper.look();
    await world.loseAll();
    assert.deepEqual(await world.ids(), { schedules: [], windows: [] });
    await keeper.look();
    assert.deepEqual(await world.ids(), { schedules: ['night'], windows: ['sunday'] });
    assert.deepEqual((await deployments.documents('schedule')).get('night'), { cron: '0 2 * * *' });
  });

  it('are put back by the next life of a deploy worker, too', async () => {
    await using world = await open();
    const keeper = world.keeper(world.dir);
    await world.deployments.putDocument('schedule', 'night', {});
    await keeper.look();
    await keeper.settled();
    await world.loseAll();
    await world.keeper(world.dir).look();
    assert.deepEqual((await world.ids()).schedules, ['night']);
  });

  it('stay deleted: what was deleted before the loss, and what is deleted after it, whoever looks later', async () => {
    await using world = await open();
    const { deployments } = world;
    const [quick, late] = [world.keeper(), world.keeper()];
    for (const id of ['before', 'after', 'kept']) await deployments.putDocument('schedule', id, {});
    await late.look();
    await deployments.deleteDocument('schedule', 'before');
    await quick.look();
    await world.loseAll();
    await quick.look();
    await deployments.deleteDocument('schedule', 'after');
    await late.look();
    assert.deepEqual((await world.ids()).schedules, ['kept']);
  });

  it('are no older than what is there: that stays', async () => {
    await using world = await open();
    const { deployments } = world;
    const keeper = world.keeper();
    await deployments.putDocument('window', 'sunday', { minutes: 60 });
    await keeper.look();
    await world.loseAll();
    await deployments.putDocument('window', 'sunday', { minutes: 5 });
    await keeper.look();
    assert.deepEqual((await deployments.documents('window')).get('sunday'), { minutes: 5 });
  });
});
