import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Deployment } from '@culvert/contracts';
import { DeploymentDriver } from '../../support/deploy/deployments.ts';
import { eventually } from '../../support/eventually.ts';
import { withCluster } from '../../support/with-cluster.ts';

const DEADLINE_MS = 90_000;

it('of two deployments at once the second is refused, or waits if it is told to', async () => {
  await withCluster({ workers: 1, gateways: 1, deployers: 1 }, async ({ api }) => {
    const first = await DeploymentDriver.start(api, { version: '2.0.0', strategy: 'surge', hold: true });
    const held = async (): Promise<boolean> => (await first.why()).reasons.some(({ code }) => code === 'held');
    await eventually('it is held', held, DEADLINE_MS);
    const { status, body } = await api.request('POST', '/deployments', {
      body: { version: '3.0.0', strategy: 'surge' },
    });
    assert.equal(status, 409);
    assert.equal((body as { code: string }).code, 'deployment_active');
    const second = await DeploymentDriver.start(api, { version: '3.0.0', strategy: 'surge', queue: true });
    assert.equal((await second.show()).state, 'pending');
    await first.command('promote');
    await first.ends('succeeded', DEADLINE_MS);
    await second.ends('succeeded', DEADLINE_MS);
    const { items } = await api.call<{ items: { role: string; state: string; version: string }[] }>('GET', '/nodes');
    const workers = items.filter(({ role, state }) => role === 'worker' && state !== 'dead');
    assert.deepEqual(
      workers.map(({ version }) => version),
      ['3.0.0'],
    );
    const list = await api.call<{ items: Deployment[] }>('GET', '/deployments');
    assert.deepEqual(
      list.items.map(({ id }) => id),
      [second.id, first.id],
      'the newest first',
    );
  });
});
