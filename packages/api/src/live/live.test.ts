import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { LiveCluster } from '@culvert/contracts';
import { Value } from 'typebox/value';
import { EventClient } from '../testing/event-client.ts';
import { TestApi } from '../testing/start-api.ts';

/** The next picture of a stream that is as asked for. */
async function picture(client: EventClient, wanted: (cluster: LiveCluster) => boolean = () => true) {
  for (;;) {
    const { event, data } = await client.event();
    assert.equal(event, 'cluster');
    assert.deepEqual([...Value.Errors(LiveCluster, data)], []);
    const cluster = data as LiveCluster; // checked above
    if (wanted(cluster)) return cluster;
  }
}

const nodeIn = ({ nodes }: LiveCluster, id: string) => nodes.find((node) => node.id === id);

describe('the live picture', { timeout: 60_000 }, () => {
  const retire = new AbortController();
  let api: TestApi;
  let key: string;
  before(async () => {
    api = await TestApi.start({ liveTimes: { keepAliveMs: 50 }, retiring: retire.signal });
    key = await api.tenant('ops', 'viewer');
  });
  after(() => api[Symbol.asyncDispose]());

  const open = (as = key): Promise<EventClient> => EventClient.open(`${api.url}/v1/live`, as);

  it('comes once, for those who may read the cluster', async () => {
    await api.node('w1', {}, 4);
    const one = await api.ask<LiveCluster>('GET', '/v1/live?format=json', { key });
    assert.deepEqual([one.status, one.headers.get('cache-control')], [200, 'no-store']);
    assert.deepEqual([...Value.Errors(LiveCluster, one.body)], []);
    const told = { id: 'w1', sessions: 4, idle: null, bytesInPerSecond: null };
    assert.partialDeepStrictEqual(one.body, { registry: { available: true }, nodes: [told], totals: { sessions: 4 } });
    const agent = await api.ask('GET', '/v1/live?format=json', { key: await api.tenant('acme') });
    assert.deepEqual([agent.status, agent.body.code], [403, 'forbidden']);
    assert.equal((await api.ask('GET', '/v1/live?format=xml')).status, 400);
  });

  it('comes at once as a stream, and anew when something has changed', async () => {
    await api.node('w2');
    await using client = await open();
    await picture(client, (cluster) => nodeIn(cluster, 'w2')?.cordoned === false);
    await api.registry.setCordoned('w2', true);
    const later = await picture(client, (cluster) => nodeIn(cluster, 'w2')?.cordoned === true);
    assert.notEqual(nodeIn(later, 'w2')?.health.level, 'ok');
    await api.node('w3');
    await picture(client, (cluster) => nodeIn(cluster, 'w3') !== undefined);
  });

  it('tells rates once a boot has told its counts twice', async () => {
    const node = await api.node('w4');
    await using client = await open();
    const load = { state: 'ready', sessions: 3, connections: 2, busy: 1, bytesOut: 0 } as const;
    await api.registry.beat({ node, load: { ...load, bytesIn: 1_000 } });
    const first = nodeIn(await picture(client, (cluster) => nodeIn(cluster, 'w4')?.busy === 1), 'w4');
    assert.deepEqual([first?.idle, first?.bytesInPerSecond], [2, null]);
    const { beatAt: began = 0 } = (await api.registry.getNode('w4')) ?? {};
    for (let rate: number | null = null; rate === null; ) {
      await api.registry.beat({ node, load: { ...load, bytesIn: 501_000 } });
      const cluster = await picture(client);
      rate = nodeIn(cluster, 'w4')?.bytesInPerSecond ?? null;
      const { beatAt: at = 0 } = (await api.registry.getNode('w4')) ?? {};
      if (rate === null) continue;
      assert.ok(rate > 0 && rate >= 500_000_000 / (at - began) - 1, `${rate} B/s within ${at - began} ms`);
      assert.equal(cluster.totals.bytesInPerSecond, rate);
    }
  });

  it('stays as it was while Redis is away, and goes on when it is back', async () => {
    await api.node('w5');
    await using client = await open();
    const before = await picture(client, (cluster) => nodeIn(cluster, 'w5') !== undefined);
    api.redis.freeze();
    const away = await picture(client, ({ registry }) => !registry.available);
    assert.match(away.registry.reason ?? '', /\S/);
    assert.deepEqual(
      away.nodes.map(({ id }) => id),
      before.nodes.map(({ id }) => id),
    );
    const once = await api.ask<LiveCluster>('GET', '/v1/live?format=json');
    assert.deepEqual([once.status, once.body.registry.available], [200, false]);
    api.redis.thaw();
    const back = await picture(client, ({ registry }) => registry.available);
    assert.ok(Date.parse(back.at) > Date.parse(away.at));
  });

  it('ends with the key it was asked for with', async () => {
    const made = await api.ask<{ id: string; key: string }>('POST', '/v1/tenants/ops/keys', {
      body: { role: 'viewer' },
    });
    assert.equal(made.status, 201);
    await using client = await open(made.body.key);
    await picture(client);
    await api.ask('DELETE', `/v1/tenants/ops/keys/${made.body.id}`);
    for (;;) {
      const comment = await client.comment();
      if (comment === 'keep-alive') continue;
      assert.match(comment, /no longer good/);
      break;
    }
  });

  it('is sent on when this API is being replaced', async () => {
    await using client = await open();
    await picture(client);
    retire.abort();
    for (;;) {
      const comment = await client.comment();
      if (comment === 'keep-alive') continue;
      assert.match(comment, /being replaced/);
      break;
    }
  });
});
