import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { FINAL_STATES } from '@culvert/contracts';
import { inFull } from '../support/chaos/extent.ts';
import { assertKept } from '../support/chaos/report.ts';
import { DeploymentDriver } from '../support/deploy/deployments.ts';
import { ReleaseWorld } from '../support/deploy/release-world.ts';
import { eventually } from '../support/eventually.ts';

const DEADLINE_MS = 120_000;

inFull(() => {
  describe('a release while Redis loses everything', { timeout: 400_000 }, () => {
    let world: ReleaseWorld;
    before(async () => {
      world = await ReleaseWorld.open({ cluster: { workers: 3, gateways: 1 }, sessions: 12, busy: 6 });
    });
    after(() => world.end());

    it('stops safely, says so, shows each node as it is, and goes on when told to', async () => {
      const deployment = await DeploymentDriver.start(world.api, { version: '2.0.0', strategy: 'rolling' });
      await deployment.until(
        'the second node is drained',
        ({ nodes }) =>
          nodes.filter(({ state }) => state === 'done').length === 1 &&
          nodes.some(({ step }) => step !== 'waiting' && step !== 'done'),
        DEADLINE_MS,
      );
      await world.cluster.redis.stop('SIGKILL');
      await world.cluster.redis.start({ empty: true });

      const stopped = await deployment.until(
        'it is paused',
        ({ state }) => state === 'paused' || FINAL_STATES.includes(state),
        DEADLINE_MS,
      );
      assert.equal(stopped.state, 'paused');
      assert.match(stopped.reason ?? '', /Redis/);
      // Whatever is not taking sessions says why, for everyone to see.
      const { items } = await eventually('the nodes', () =>
        world.api.call<{ items: { id: string; role: string; state: string }[] }>('GET', '/nodes'),
      );
      for (const { id, role, state } of items.filter((node) => node.role === 'worker')) {
        assert.ok(['ready', 'cordoned', 'draining', 'empty'].includes(state), `${role} ${id} is ${state}`);
      }

      await deployment.command('resume');
      await deployment.ends('succeeded', DEADLINE_MS);
      await world.busy.passed();
      assertKept(world.busy.tally());
      await world.crowd.expectServed();
      assert.deepEqual(await world.versions(), ['2.0.0', '2.0.0', '2.0.0']);
    });
  });
});
