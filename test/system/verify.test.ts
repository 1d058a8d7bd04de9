import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import type { SessionList } from '@culvert/contracts';
import { Verifier } from '@culvert/deployer';
import type { Cluster } from '@culvert/local';
import { type NodeView, Registry } from '@culvert/registry';
import { eventually } from '../support/eventually.ts';
import { openCluster, type TestCluster } from '../support/with-cluster.ts';

// How the deploy worker tries a new node out before customers come to it: against real processes.

describe('a new node', { timeout: 60_000 }, () => {
  let test: TestCluster;
  let cluster: Cluster;
  let registry: Registry;
  let verifier: Verifier;
  const { signal } = new AbortController();

  before(async () => {
    test = await openCluster({ workers: 1 });
    ({ cluster } = test);
    registry = Registry.connect({ url: cluster.redis.url, logger: silentLogger });
    await registry.waitUntilAvailable(AbortSignal.timeout(5_000));
    verifier = new Verifier({ registry, secret: cluster.secret, logger: silentLogger, linkDeadlineMs: 2_000 });
  });
  after(async () => {
    await verifier.close();
    await registry.close();
    await test.end();
  });

  async function nodeOf(role: NodeView['role']): Promise<NodeView> {
    const node = (await registry.listNodes()).find((one) => one.role === role);
    assert.ok(node);
    return node;
  }

  async function cordon(cordoned: boolean): Promise<NodeView> {
    const { id } = await nodeOf('worker');
    await registry.setCordoned(id, cordoned);
    const state = cordoned ? 'cordoned' : 'ready';
    return eventually(`the worker ${state}`, async () => {
      const node = await nodeOf('worker');
      return node.state === state ? node : undefined;
    });
  }

  it('is used in every way, though it is cordoned and takes nobody else, and nothing of that stays', async () => {
    const node = await cordon(true);
    const result = await verifier.verify({ node, signal });
    assert.deepEqual([result.ok, result.facts.gateway], [true, (await nodeOf('gateway')).id], result.detail);
    const { gateway, ...times } = result.facts;
    const checks = ['http', 'connect', 'websocket', 'large', 'reconnect'];
    assert.deepEqual(
      Object.keys(times),
      ['direct', 'gateway'].flatMap((way) => checks.map((check) => `${way}.${check}Ms`)),
    );
    assert.deepEqual((await cluster.api.call<SessionList>('GET', '/sessions')).items, []);
  });

  it('is probed', async () => {
    const { ok, facts, detail } = await verifier.probe({ node: await cordon(true), signal });
    assert.deepEqual([ok, facts.asked, facts.failed, typeof facts.p50Ms], [true, 4, 0, 'number'], detail);
  });

  it('that is a gateway is used to reach a session on a worker', async () => {
    await cordon(false);
    const { ok, facts, detail } = await verifier.verifyGateway({ node: await nodeOf('gateway'), signal });
    assert.equal(ok, true, detail);
    assert.deepEqual(Object.keys(facts), ['worker', 'httpMs', 'connectMs', 'websocketMs']);
  });

  it('that cannot be reached, or only in part, fails, and the result says where', async () => {
    const node = await cordon(false);
    const unlinked = await verifier.verify({ node: { ...node, link: 'ws://127.0.0.1:1' }, signal });
    assert.equal(unlinked.ok, false);
    assert.match(unlinked.detail, /127\.0\.0\.1.*\(link_lost\)$/);
    const unproxied = await verifier.verify({ node: { ...node, proxy: 'http://127.0.0.1:1' }, signal });
    assert.equal(unproxied.ok, false);
    assert.match(unproxied.detail, /^an HTTP request through worker-1 failed: .*ECONNREFUSED/);
    const gateway = await nodeOf('gateway');
    await cordon(true);
    const idle = await verifier.verifyGateway({ node: gateway, signal });
    assert.deepEqual([idle.ok, idle.detail], [false, 'there is no ready worker to try it with (no_worker_available)']);
  });

  it('is given up at once when nobody wants to know any more', async () => {
    const node = await cordon(true);
    const stop = new AbortController();
    const verifying = verifier.verify({ node, signal: stop.signal });
    stop.abort(new Error('the lock is lost'));
    await assert.rejects(verifying, /the lock is lost/);
  });
});
