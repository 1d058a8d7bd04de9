import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Scope, silentLogger } from '@culvert/base';
import { ClusterEvent, type ClusterEventList } from '@culvert/contracts';
import { Registry, RouteCache } from '@culvert/registry';
import { startRedis } from '@culvert/registry/testing';
import { rootAdminKey, WorkerClient } from '@culvert/service';
import { Value } from 'typebox/value';
import { LiveNodes } from '../live-nodes.ts';
import { createApiServer } from '../server.ts';
import { EventClient } from '../testing/event-client.ts';
import { EventWriter } from '../testing/event-writer.ts';
import { secret, TestApi } from '../testing/start-api.ts';

const root = rootAdminKey(secret);

const opened = (session: string, tenant: string, node = 'w1') =>
  ['type', 'session.opened', 'session', session, 'tenant', tenant, 'node', node, 'boot', 'b1', 'epoch', '7'] as const;

describe('GET /v1/events as a stream', { timeout: 60_000 }, () => {
  it('tells what happens from now on, and resumes without loss or repetition', async () => {
    await using api = await TestApi.start();
    await using writer = await EventWriter.on(api.redis.url);
    await writer.numbers(3);
    const url = `${api.url}/v1/events`;
    const first = await EventClient.open(url, root);
    assert.equal(first.response.status, 200);
    assert.equal(first.response.headers.get('content-type'), 'text/event-stream');
    assert.match(first.response.headers.get('cache-control') ?? '', /^no-store/);
    await first.next(); // it has begun
    await writer.numbers(4);
    assert.deepEqual(await first.numbers(2), [4, 5]); // two of four were taken
    first.close();
    await writer.numbers(300);
    await using second = await EventClient.open(url, root, { 'last-event-id': first.lastId });
    assert.deepEqual(
      await second.numbers(302),
      Array.from({ length: 302 }, (_, at) => at + 6),
    );
    await using third = await EventClient.open(`${url}?after=${second.lastId}`, root);
    await writer.numbers(1);
    assert.deepEqual([await second.numbers(1), await third.numbers(1)], [[308], [308]]);
  });

  it('resumes at another API, and one that comes before any event loses none either', async () => {
    await using scope = new Scope();
    const redis = await startRedis();
    scope.defer('redis', () => redis.stop());
    await using writer = await EventWriter.on(redis.url);
    const old = await apiOn(redis.url);
    const before = await EventClient.open(`${old.url}/v1/events`, root);
    await before.next();
    await old.stop();
    assert.match(await before.comment(), /stops/);
    assert.equal(await before.next(), undefined);
    await writer.numbers(2);
    const next = await apiOn(redis.url);
    scope.defer('API', () => next.stop());
    await using after = await EventClient.open(`${next.url}/v1/events`, root, { 'last-event-id': before.lastId });
    assert.deepEqual(await after.numbers(2), [1, 2]);
  });

  it('has typed events, and those that it does not know as they are', async () => {
    await using api = await TestApi.start();
    await using writer = await EventWriter.on(api.redis.url);
    await using client = await EventClient.open(`${api.url}/v1/events?after=0`, root);
    await client.next();
    const id = await writer.add(...opened('s_1', 'acme'));
    await writer.add('type', 'deployment.started', 'deployment', 'd_1', 'line', 'a\nb');
    await writer.add('type', 'session.opened', 'session', 's_1'); // an older or newer one's
    const first = await client.event();
    const at = new Date(Number(id.split('-')[0])).toISOString();
    assert.deepEqual(first, {
      id,
      event: 'session.opened',
      data: { id, at, type: 'session.opened', session: 's_1', tenant: 'acme', node: 'w1', epoch: 7, boot: 'b1' },
    });
    const { event, data } = await client.event();
    assert.equal(event, 'unknown');
    assert.deepEqual([data?.name, data?.fields], ['deployment.started', { deployment: 'd_1', line: 'a\nb' }]);
    const partial = await client.event();
    assert.deepEqual([partial.event, partial.data?.name], ['unknown', 'session.opened']);
    const step = { deployment: 'd_1', node: 'w1', step: 'verify_empty', outcome: 'ok' };
    await writer.add('type', 'deployment.step', ...Object.entries(step).flat());
    assert.partialDeepStrictEqual(await client.event(), { event: 'deployment.step', data: step });
  });

  it('knows every event that the registry writes', async () => {
    await using api = await TestApi.start();
    const { registry } = api;
    const [w1, w2] = [await api.node('w1'), await api.node('w2')];
    await api.claim(w1, 's_1', 'acme');
    await api.claim(w2, 's_1', 'acme');
    const counters = { state: 'idle', connections: 0, bytesIn: 0, bytesOut: 0 } as const;
    const { items } = await registry.listSessions({ limit: 10 });
    const epoch = items[0]?.epoch ?? 0;
    await registry.updateSessions(w1, [{ sessionId: 's_1', epoch: epoch - 1, ...counters }]);
    await registry.release({ sessionId: 's_1', node: w2, epoch, reason: 'session_closed' });
    await registry.setCordoned('w1', true);
    await registry.setCordoned('w1', false);
    const deployment = { id: 'd_1', revision: 1, state: 'running', over: false, createdAtMs: 1, core: {}, view: {} };
    await registry.deployments.restore(deployment);
    await registry.leave(w2);
    const page = await api.ask<ClusterEventList>('GET', '/v1/events?format=json&limit=500');
    const told = page.body.items.filter(({ type }) => !type.startsWith('registry.'));
    assert.ok(page.body.items.length > told.length, 'a new data set is told');
    assert.deepEqual(
      page.body.items.filter((event) => !Value.Check(ClusterEvent, event) || event.type === 'unknown'),
      [],
    );
    const words = told.map((event) => ('session' in event ? event.type : `${event.type} ${JSON.stringify(event)}`));
    const sessions = words.filter((word) => word.startsWith('session.'));
    assert.deepEqual(sessions, ['session.opened', 'session.moved', 'session.fenced', 'session.closed']);
    for (const type of ['node.cordoned', 'node.uncordoned', 'node.state', 'deployment.restored']) {
      assert.ok(
        words.some((word) => word.startsWith(`${type} `)),
        type,
      );
    }
    assert.match(words.at(-1) ?? '', /"node":"w2".*"state":"left"/);
  });

  it('tells what was asked for', async () => {
    await using api = await TestApi.start();
    await using writer = await EventWriter.on(api.redis.url);
    await writer.add(...opened('s_1', 'acme', 'w1'));
    await writer.add(...opened('s_2', 'zeta', 'w2'));
    await writer.add('type', 'node.state', 'node', 'w1', 'boot', 'b1', 'role', 'worker', 'state', 'ready');
    await writer.add('type', 'node.cordoned', 'node', 'w1', 'boot', 'b1');
    const last = await writer.add(...opened('s_9', 'acme', 'w9'));
    const told = async (query: string, count: number) => {
      await using client = await EventClient.open(`${api.url}/v1/events?after=0&${query}`, root);
      const seen: unknown[] = [];
      for (let i = 0; i < count; i += 1) {
        const { data } = await client.event();
        seen.push(data?.session ?? data?.state ?? data?.type);
      }
      return seen;
    };
    assert.deepEqual(await told('types=session.*', 3), ['s_1', 's_2', 's_9']);
    assert.deepEqual(await told('types=node.state,node.cordoned', 2), ['ready', 'node.cordoned']);
    assert.deepEqual(await told('session=s_2', 1), ['s_2']);
    assert.deepEqual(await told('node=w1', 3), ['s_1', 'ready', 'node.cordoned']);
    assert.deepEqual(await told('tenant=acme&types=session.opened', 2), ['s_1', 's_9']);
    assert.ok(last);
    for (const wrong of ['types=*', 'types=a.b.c', 'after=x', 'limit=0', 'limit=501', 'format=xml'])
      assert.equal((await api.ask('GET', `/v1/events?${wrong}`)).body.code, 'invalid_request', wrong);
    const { body } = await api.ask('GET', '/v1/events', { headers: { 'last-event-id': 'x' } });
    assert.equal(body.code, 'invalid_request');
  });

  it("shows an agent key its tenant's sessions, and nothing else", async () => {
    await using api = await TestApi.start();
    await using writer = await EventWriter.on(api.redis.url);
    const key = await api.tenant('acme');
    const operator = await api.tenant('ops', 'operator');
    await writer.add(...opened('s_1', 'zeta'));
    await writer.add('type', 'node.cordoned', 'node', 'w1', 'boot', 'b1', 'tenant', 'acme');
    await writer.add('type', 'deployment.step', 'deployment', 'd_1', 'node', 'w1', 'step', 'cordon', 'outcome', 'ok');
    await writer.add('type', 'deployment.state', 'deployment', 'd_1', 'tenant', 'acme');
    await writer.add(...opened('s_2', 'acme'));
    for (const query of ['after=0', 'after=0&tenant=acme', 'after=0&types=session.*,deployment.*', 'after=0&node=w1']) {
      await using client = await EventClient.open(`${api.url}/v1/events?${query}`, key);
      assert.equal((await client.event()).data?.session, 's_2', query);
    }
    const page = async (query: string, as: string) =>
      (await api.ask<{ items: unknown[] }>('GET', `/v1/events?format=json&${query}`, { key: as })).body.items.length;
    assert.equal(await page('', key), 1);
    for (const query of ['tenant=zeta', 'types=node.*', 'types=deployment.*', 'types=deployment.step', 'session=s_1']) {
      assert.equal(await page(query, key), 0, query);
    }
    assert.deepEqual([await page('', operator), await page('tenant=zeta', operator)], [5, 1]);
    assert.deepEqual([await page('types=deployment.*', operator), await page('node=w1', operator)], [2, 4]);
    assert.equal((await api.ask('GET', '/v1/events', { key: '' })).status, 401);
  });

  it('says what is missing when the place that was asked for is gone', async () => {
    await using api = await TestApi.start();
    await using writer = await EventWriter.on(api.redis.url);
    const place = await writer.numbers(1);
    await writer.numbers(9);
    await writer.trim(3);
    await using client = await EventClient.open(`${api.url}/v1/events`, root, { 'last-event-id': place });
    const gap = await client.event();
    const { oldest } = await api.registry.events.edges();
    assert.deepEqual([gap.event, gap.data], ['gap', { after: place, oldest }]);
    assert.deepEqual(await client.numbers(3), [8, 9, 10]);
  });

  it('outlasts Redis: it says so and goes on; one that begins meanwhile is refused', async () => {
    await using api = await TestApi.start();
    await using writer = await EventWriter.on(api.redis.url);
    await using client = await EventClient.open(`${api.url}/v1/events`, root);
    await client.next();
    await writer.numbers(1);
    assert.deepEqual(await client.numbers(1), [1]);
    api.redis.freeze();
    assert.equal(await client.comment(), 'registry unavailable');
    const refused = await api.ask('GET', '/v1/events');
    assert.deepEqual([refused.status, refused.body.code], [503, 'registry_unavailable']);
    api.redis.thaw();
    await writer.numbers(2);
    assert.equal(await client.comment(), 'registry available');
    assert.deepEqual(await client.numbers(2), [2, 3]);
  });

  it('does not keep the API from stopping', async () => {
    const api = await TestApi.start();
    const clients = await Promise.all([1, 2, 3].map(() => EventClient.open(`${api.url}/v1/events`, root)));
    for (const client of clients) await client.next();
    const before = performance.now();
    await api[Symbol.asyncDispose]();
    assert.ok(performance.now() - before < 1_500, 'open streams kept the API from stopping');
    for (const client of clients) {
      assert.match(await client.comment(), /stops/);
      assert.equal(await client.next(), undefined);
    }
  });
});

describe('GET /v1/events as a page', () => {
  it('goes through the history either way', async () => {
    await using api = await TestApi.start();
    await using writer = await EventWriter.on(api.redis.url);
    await writer.numbers(5);
    const page = async (query: string, headers = {}) => {
      const {
        status,
        body,
        headers: answer,
      } = await api.ask<{
        items: { id: string; fields: { n: string } }[];
        next: string | null;
      }>('GET', `/v1/events?${query}`, { headers });
      assert.equal(status, 200);
      assert.match(answer.get('content-type') ?? '', /^application\/json/);
      assert.equal(answer.get('cache-control'), 'no-store');
      return { numbers: body.items.map(({ fields }) => Number(fields.n)), next: body.next };
    };
    const first = await page('format=json&limit=2');
    assert.deepEqual(first.numbers, [1, 2]);
    const rest = await page(`limit=500&after=${first.next}`, { accept: 'application/json' });
    assert.deepEqual(rest, { numbers: [3, 4, 5], next: null });
    const newest = await page('format=json&order=desc&limit=2');
    assert.deepEqual(newest.numbers, [5, 4]);
    const older = await page(`format=json&order=desc&before=${newest.next}`);
    assert.deepEqual(older, { numbers: [3, 2, 1], next: null });
  });
});

/** An API process of its own over a Redis that outlives it. */
async function apiOn(redisUrl: string): Promise<{ url: string; stop(): Promise<void> }> {
  const scope = new Scope();
  const logger = silentLogger;
  const registry = scope.own('registry', Registry.connect({ url: redisUrl, logger }));
  await registry.waitUntilAvailable(AbortSignal.timeout(5_000));
  const server = await createApiServer({
    ...{ registry, secret, logger, linkVia: 'worker', now: Date.now, version: '1' },
    routes: scope.own('routes', new RouteCache(registry, { max: 10, ttlMs: 1_000 })),
    nodes: new LiveNodes(registry, Date.now),
    workers: new WorkerClient({ key: root }),
    publicUrl: () => 'http://api.test:1',
  });
  scope.own('server', server);
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return { url, stop: () => scope.close() };
}
