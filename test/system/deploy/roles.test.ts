import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { EchoTunnel } from '../../support/chaos/echo-tunnel.ts';
import { Openings } from '../../support/chaos/openings.ts';
import { DeploymentDriver } from '../../support/deploy/deployments.ts';
import { HOST, ReleaseWorld } from '../../support/deploy/release-world.ts';
import { startTcpTarget } from '../../support/targets/target.ts';

const DEADLINE_MS = 90_000;

describe('gateways, APIs and deploy workers are deployed, too', { timeout: 300_000 }, () => {
  let world: ReleaseWorld;
  before(async () => {
    world = await ReleaseWorld.open({ cluster: { workers: 1, gateways: 1, deployers: 1 }, sessions: 2, busy: 0 });
  });
  after(() => world.end());

  async function replaced(role: 'gateway' | 'api' | 'deployer', deadlineMs = 10_000): Promise<void> {
    const deployment = await DeploymentDriver.start(world.api, {
      version: '2.0.0',
      role,
      deadlineMs,
      onDeadline: 'force',
    });
    await deployment.ends('succeeded', DEADLINE_MS);
    const { items } = await world.api.call<{ items: { role: string; state: string; version: string }[] }>(
      'GET',
      '/nodes',
    );
    const alive = items.filter((node) => node.role === role && node.state !== 'dead');
    assert.deepEqual(
      alive.map(({ version }) => version),
      ['2.0.0'],
    );
  }

  it('a gateway: a tunnel goes on, and its address never refuses a connection', async () => {
    await using target = await startTcpTarget((socket) => void socket.pipe(socket));
    const [member] = world.crowd.members;
    assert.ok(member);
    const authority = `${HOST}:${target.port}`;
    const tunnel = await EchoTunnel.open(member.proxy, authority);
    await tunnel.echoes('before');
    const openings = new Openings(member.proxy, authority);
    const deployment = await DeploymentDriver.start(world.api, {
      version: '2.0.0',
      role: 'gateway',
      deadlineMs: 60_000,
    });
    await deployment.until(
      'the gateway finishes its connections',
      ({ nodes }) => nodes.some(({ step }) => step === 'busy'),
      DEADLINE_MS,
    );
    await tunnel.echoes('meanwhile');
    await openings.stop();
    assert.deepEqual(Object.fromEntries(openings.refused), {});
    assert.ok(openings.opened > 0);
    assert.equal((await deployment.show()).state, 'running');
    await tunnel.echoes('to the end');
    tunnel.close();
    await deployment.ends('succeeded', DEADLINE_MS);
    const again = await EchoTunnel.open(member.proxy, authority);
    await again.echoes('at the same address');
    again.close();
  });

  it('an API: agents and operators find the other one at the same address', async () => {
    await replaced('api');
    await world.crowd.open(1);
    await world.crowd.expectServed();
  });

  it('a deploy worker: it hands its lease over', () => replaced('deployer'));
});
