import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { SessionRoute } from '@culvert/contracts';
import { type Digest, digestOf, Pattern } from '../../support/targets/pattern.ts';
import { startTcpTarget } from '../../support/targets/target.ts';
import { Path, WAYS } from './setup.ts';

describe('an agent whose link passes through a gateway', { timeout: 60_000 }, () => {
  const pattern = new Pattern(64 << 20);
  let path: Path;
  before(async () => {
    path = await Path.open({
      cluster: {
        overrides: {
          api: { flags: ['--link-via', 'gateway'] },
          gateway: { flags: ['--link-listen', '127.0.0.1:0'] },
        },
      },
    });
  });
  after(() => path.end());

  it('is sent to the gateway’s address, for the worker that owns it', async () => {
    const route = await path.cluster.api.call<SessionRoute>('GET', `/sessions/${path.agent.sessionId}/route`);
    assert.equal(route.link.url, `${path.gateway.address('link')}/link/${path.owner.id}`);
    assert.equal(route.node.id, path.owner.id);
  });

  for (const way of WAYS) {
    it(`carries 64 MB up and down through the ${way} address`, async () => {
      const arrived = Promise.withResolvers<Digest>();
      await using target = await startTcpTarget(async (socket) => {
        arrived.resolve(await digestOf(socket));
        await pattern.sendTo(socket);
      });
      const socket = await path.tunnel(way, target.port);
      await pattern.sendTo(socket);
      assert.deepEqual(await arrived.promise, pattern.digest);
      assert.deepEqual(await digestOf(socket), pattern.digest);
    });
  }

  it('leaves nothing open', () => path.expectNothingLeft());
});
