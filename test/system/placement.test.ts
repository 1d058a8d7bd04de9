import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { type Agent, connectAgent } from '@culvert/agent';
import type { Rebalance, SessionList, Tenant } from '@culvert/contracts';
import { type Cluster, createKey } from '@culvert/local';
import { eventually } from '../support/eventually.ts';
import { openCluster, type TestCluster } from '../support/with-cluster.ts';

// Where agents are placed, by a cluster of real processes: workers of several pools, of little room and of slow admission.

describe('placement', { timeout: 120_000 }, () => {
  let test: TestCluster;
  let cluster: Cluster;
  let agents: Agent[] = [];
  /** The workers of the pools of these names. */
  let small: string;
  let slow: string;
  let wide: string;

  before(async () => {
    test = await openCluster({ workers: 2 });
    ({ cluster } = test);
    const addWorker = async (...flags: string[]) => (await cluster.addWorker({ flags })).id;
    small = await addWorker('--pool', 'small', '--capacity', '2');
    slow = await addWorker('--pool', 'slow', '--admission-rate', '4');
    wide = await addWorker('--pool', 'wide');
  });
  afterEach(async () => {
    await Promise.all(agents.map((agent) => agent.close({ deadlineMs: 0 })));
    agents = [];
  });
  after(() => test.end());

  async function tenant(id: string, pin?: object): Promise<string> {
    await cluster.api.call('POST', '/tenants', { body: { id } });
    if (pin !== undefined) await cluster.api.call<Tenant>('PUT', `/tenants/${id}/pin`, { body: pin });
    return (await createKey(cluster.api, id, 'agent', 'test')).key;
  }

  /** So many agents that come at once, all of them served. */
  async function come(key: string, count: number): Promise<void> {
    const coming = Array.from({ length: count }, () =>
      connectAgent({ api: cluster.api.url, key, allow: ['localhost'] }),
    );
    agents.push(...coming);
    await Promise.all(coming.map((agent) => agent.ready));
  }

  /** How many sessions each worker has, by its id, as the registry knows it. */
  async function spread(id: string): Promise<Record<string, number>> {
    const { items } = await cluster.api.call<SessionList>('GET', `/sessions?tenant=${id}&limit=500`);
    const counts: Record<string, number> = {};
    for (const { node } of items) if (node !== null) counts[node] = (counts[node] ?? 0) + 1;
    return counts;
  }

  const rebalance = (pool: string, dryRun = false) =>
    cluster.api.call<Rebalance>('POST', `/pools/${pool}/rebalance`, { body: { dryRun } });

  it('a herd is spread evenly, before any worker has told of one session', async () => {
    const key = await tenant('herd');
    await come(key, 40);
    const counts = Object.values(await spread('herd'));
    assert.equal(counts.length, 2);
    assert.ok(Math.max(...counts) <= 22, counts.join(' '));
  });

  it('a full pool: the tenant that spills goes on to the next one, the other waits; both are told', async () => {
    const waiting = await tenant('waits', { pool: 'small' });
    await come(waiting, 1);
    const spilling = await tenant('spills', { pool: 'small', spill: ['default'] });
    await come(spilling, 3);
    const { [small]: here, ...elsewhere } = await spread('spills');
    assert.equal(here, 1);
    assert.equal(
      Object.values(elsewhere).reduce((sum, count) => sum + count),
      2,
    );

    const retries: string[] = [];
    const agent = connectAgent({
      ...{ api: cluster.api.url, key: waiting, allow: ['localhost'] },
      onEvent: (event) => event.event === 'retrying' && retries.push(`${event.code}: ${event.message}`),
    });
    agents.push(agent);
    await eventually('the refusal', () => retries.length > 0);
    assert.match(retries[0] ?? '', /^no_worker_available: Pool small is full/);
    // Served as soon as there is room, and nowhere else meanwhile.
    await Promise.all(agents.slice(1, 4).map((one) => one.close({ deadlineMs: 0 })));
    await agent.ready;
    assert.deepEqual(await spread('waits'), { [small]: 2 });
  });

  it('more agents than are admitted: they come in their slots, and all are served', async () => {
    const key = await tenant('slow', { pool: 'slow' });
    const since = performance.now();
    await come(key, 20);
    const tookMs = performance.now() - since;
    assert.deepEqual(await spread('slow'), { [slow]: 20 });
    // Eight at once, and twelve at four per second.
    assert.ok(tookMs >= 2_500 && tookMs < 20_000, `${tookMs} ms`);
  });

  it('after a scale-out nothing moves by itself; asked to, the workers share their sessions, and none is lost', async () => {
    const pool = 'wide';
    const key = await tenant('wide', { pool });
    await come(key, 24);
    const downs: string[] = [];
    for (const agent of agents) agent.onEvent(({ event }) => event === 'link.down' && downs.push(event));
    const second = await cluster.addWorker({ flags: ['--pool', pool] });
    // What workers have told of their load with a beat.
    const plan = await eventually('a plan', async () => {
      const { moves } = await rebalance(pool, true);
      return moves[0]?.count === 12 ? moves : undefined;
    });
    assert.deepEqual(plan, [{ from: wide, to: second.id, count: 12 }]);
    assert.deepEqual(await spread('wide'), { [wide]: 24 });
    const { asked, failed } = await rebalance(pool);
    assert.deepEqual([asked, failed], [12, []]);
    await eventually('an even spread', async () => (await spread('wide'))[second.id] === 12);
    assert.deepEqual(await spread('wide'), { [wide]: 12, [second.id]: 12 });
    assert.deepEqual(downs, []);
    assert.ok(agents.every(({ linked }) => linked));
    await eventually('nothing more to do', async () => (await rebalance(pool, true)).moves.length === 0);
  });
});
