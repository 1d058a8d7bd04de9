import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type {
  Blocker,
  BlockerList,
  ClusterEventList,
  ClusterNode,
  ClusterNodeList,
  DrainReport,
  ProbeReport,
  SessionList,
} from '@culvert/contracts';
import type { Cluster, ManagedProcess } from '@culvert/local';
import type { SliCounts } from '@culvert/telemetry';
import { eventually } from '../../support/eventually.ts';
import { openCluster, type TestCluster } from '../../support/with-cluster.ts';

const EVERY_MS = 1_000;
/** A busy machine takes several rounds to bring everything up. */
const SETTLED_MS = 30_000;
/** Two rounds of failures, each of which waits for its deadline, and what the machine adds. */
const SEEN_MS = 30_000;
/** A drain that nobody holds up. */
const DRAINED_MS = 5_000;

describe('probes of a cluster', { timeout: 120_000 }, () => {
  let test: TestCluster;
  let cluster: Cluster;
  let frozen: ManagedProcess;
  let drained: ManagedProcess;

  before(async () => {
    test = await openCluster({ workers: 2, deployers: 1, probeEveryMs: EVERY_MS });
    cluster = test.cluster;
    const [one, other] = cluster.workers;
    assert.ok(one && other);
    frozen = one;
    drained = other;
  });
  after(() => test.end());

  const report = (): Promise<ProbeReport> => cluster.api.call('GET', '/probes');
  const well = async (count: number): Promise<ProbeReport | undefined> => {
    const found = await report();
    const { nodes, ways } = found;
    const good = nodes.length === count && nodes.every(({ state, failures }) => state === 'up' && failures === 0);
    return good && ways.every(({ failure }) => failure === null) ? found : undefined;
  };
  const events = async (type: string): Promise<string[]> => {
    const { items } = await cluster.api.call<ClusterEventList>('GET', `/events?format=json&types=${type}`);
    return items.flatMap((event) => ('node' in event ? event.node : []));
  };
  const ask = async <T>(process: ManagedProcess, path: string): Promise<T> => {
    const headers = { authorization: `Bearer ${cluster.adminKey}` };
    return (await (await fetch(`${process.address('admin')}${path}`, { headers })).json()) as T;
  };
  const deployer = (): ManagedProcess => {
    const found = cluster.processes.find(({ role }) => role === 'deployer');
    assert.ok(found);
    return found;
  };
  const synthetic = async (): Promise<SliCounts> => (await ask<{ synthetic: SliCounts }>(deployer(), '/sli')).synthetic;

  it('go through every gateway and every worker, in every way', async () => {
    const found = await eventually(
      'all pairs are well',
      async () => {
        const seen = await well(3);
        return seen?.ways.length === 4 ? seen : undefined;
      },
      SETTLED_MS,
    );
    const [gateway] = cluster.gateways;
    assert.deepEqual(
      found.ways.map((way) => `${way.gateway} ${way.worker}`).sort(),
      [gateway?.id, null].flatMap((via) => [frozen, drained].map(({ id }) => `${via} ${id}`)).sort(),
    );
    for (const { ms } of found.ways)
      assert.ok(ms.http !== undefined && ms.connect !== undefined && ms.websocket !== undefined);
    assert.equal(found.everyMs, EVERY_MS);
    const metrics = await (await fetch(`${deployer().address('admin')}/metrics`)).text();
    for (const check of ['session', 'http', 'connect', 'websocket', 'body']) {
      assert.match(metrics, new RegExp(`^culvert_probe_results_total\\{check="${check}",outcome="ok"\\}`, 'm'));
    }
    const counts = await synthetic();
    assert.ok(counts.opened > 0 && counts.connectionMs > 0, JSON.stringify(counts));
    assert.equal(counts.lost, 0);
  });

  it('are nobody’s sessions, and not in the history', async () => {
    assert.deepEqual((await cluster.api.call<SessionList>('GET', '/sessions')).items, []);
    const own = await cluster.api.call<SessionList>('GET', '/sessions?tenant=culvert-canary');
    assert.ok(own.items.length >= 2, 'one on each worker');
    for (const worker of [frozen, drained])
      assert.deepEqual((await ask<{ items: unknown[] }>(worker, '/sessions')).items, []);
    const { items } = await cluster.api.call<ClusterNodeList>('GET', '/nodes');
    for (const { id, sessions } of items) assert.equal(sessions, 0, id);
    await eventually('no node says that it has connections', async () => {
      const nodes = (await cluster.api.call<ClusterNodeList>('GET', '/nodes')).items;
      return nodes.every(({ connections }) => connections === 0);
    });
    assert.deepEqual(await events('session.*'), []);
    assert.deepEqual(await events('probe.*'), []);
  });

  it('tell of a worker that stands still, not of the gateway before it, and of its return', async () => {
    frozen.kill('SIGSTOP');
    try {
      await eventually('it is down', async () => (await events('probe.failed')).includes(frozen.id), SEEN_MS);
      const down = (await report()).nodes.filter(({ state }) => state === 'down');
      assert.deepEqual(
        down.map(({ id }) => id),
        [frozen.id],
      );
    } finally {
      frozen.kill('SIGCONT');
    }
    await eventually('it is well again', async () => (await events('probe.recovered')).includes(frozen.id), SEEN_MS);
    await eventually('all is well', () => well(3), SETTLED_MS);
    assert.deepEqual(await events('probe.failed'), [frozen.id]);
  });

  it('hold no drain up, and are in nothing that it tells', async () => {
    const before = await synthetic();
    const blockers = async (): Promise<readonly Blocker[]> =>
      (await cluster.api.call<BlockerList>('GET', `/nodes/${drained.id}/blockers`)).items;
    const startedMs = performance.now();
    await cluster.api.call('POST', `/nodes/${drained.id}/drain`);
    assert.deepEqual(await blockers(), []);
    await eventually(
      'it is empty',
      async () => {
        const { state } = await cluster.api.call<ClusterNode>('GET', `/nodes/${drained.id}`);
        return state === 'empty';
      },
      DRAINED_MS,
    );
    assert.ok(performance.now() - startedMs < DRAINED_MS);
    assert.deepEqual((await ask<DrainReport>(drained, '/drain')).sessions, []);
    assert.equal((await ask<{ ready: boolean }>(drained, '/ready-to-terminate')).ready, true);
    await eventually('it is probed no more', () => well(2), SETTLED_MS);
    const { items } = await cluster.api.call<SessionList>('GET', '/sessions?tenant=culvert-canary');
    assert.deepEqual(
      items.filter(({ node, state }) => node === drained.id && state !== 'offline'),
      [],
    );
    const { at } = await report();
    await eventually('another round', async () => (await report()).at !== at && (await well(2)), SETTLED_MS);
    assert.equal((await synthetic()).lost, before.lost, 'what was quiet went elsewhere');
    assert.deepEqual(
      (await events('probe.failed')).filter((id) => id === drained.id),
      [],
    );
  });
});
