import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Route } from '@culvert/registry';
import { routeFinder } from './routes.ts';

const route: Route = {
  sessionId: 's_one',
  tenantId: 'acme',
  name: null,
  epoch: 7,
  state: 'idle',
  node: { id: 'w1', boot: 'b1', link: 'ws://127.0.0.1:7', proxy: undefined },
};

it("a route becomes the address of the owner's link server", async () => {
  const asked: unknown[] = [];
  const find = routeFinder({
    get: async (id, options) => {
      asked.push(id, options);
      return route;
    },
  });
  assert.deepEqual(await find('s_one', { refresh: true }), {
    tenantId: 'acme',
    epoch: 7,
    node: { id: 'w1', boot: 'b1', link: 'ws://127.0.0.1:7/link' },
  });
  assert.deepEqual(asked, ['s_one', { refresh: true }]);
});

it('an owner that cannot be linked to is as good as none', async () => {
  const find = routeFinder({ get: async () => ({ ...route, node: { ...route.node, link: undefined } }) });
  assert.equal(await find('s_one', { refresh: false }), undefined);
});
