import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LiveSession, SessionAccess, SessionAskBody, SessionList } from '@culvert/contracts';
import { proxySecret } from '@culvert/service';
import { EventClient } from './testing/event-client.ts';
import { secret, standInWorker, TestApi } from './testing/start-api.ts';

const connection = {
  ...{ id: 'c_1', target: 'app:80', kind: 'connect', openedAt: '2026-01-01T00:00:00.000Z' },
  ...{ lastByteAt: null, bytesIn: 1, bytesOut: 2, attached: true },
};
const told = {
  ...{ id: 's_1', tenant: 'acme', name: null, state: 'busy', epoch: 1, labels: {}, connections: [connection] },
  ...{ connectedAt: '2026-01-01T00:00:00.000Z', bytesIn: 100, bytesOut: 200 },
};

/** An API whose registry has `s_1` of `acme` on a worker that answers with `told`, and counts how often it is asked. */
async function watched() {
  const asked: SessionAskBody[] = [];
  const body = (sent: string): object => {
    asked.push(JSON.parse(sent));
    return { outcome: 'done', session: told };
  };
  const worker = await standInWorker({ 'POST /sessions/s_1/ask': { status: 200, body } });
  const api = await TestApi.start();
  const key = await api.tenant('acme');
  const node = await api.node('w1', { admin: worker.admin });
  await api.claim(node, 's_1', 'acme');
  const close = async (): Promise<void> => {
    await api[Symbol.asyncDispose]();
    await worker[Symbol.asyncDispose]();
  };
  return { api, key, asked, node, worker, [Symbol.asyncDispose]: close };
}

describe('a session that is watched', { timeout: 30_000 }, () => {
  it('is told each second with what its owner says, whose figures are newer than the registry’s', async () => {
    await using w = await watched();
    const once = await w.api.ask<LiveSession>('GET', '/v1/sessions/s_1/live?format=json', { key: w.key });
    const { session, connections, trouble } = once.body;
    assert.deepEqual([session.state, session.connections, session.bytesIn, session.bytesOut], ['busy', 1, 100, 200]);
    assert.deepEqual([connections, trouble, session.node], [[connection], null, 'w1']);
    await using client = await EventClient.open(`${w.api.url}/v1/sessions/s_1/live`, w.key);
    assert.equal(client.response.status, 200);
    const [first, second] = [await client.event(), await client.event()];
    assert.deepEqual([first.event, second.event], ['session', 'session']);
    const apart = Date.parse(String(second.data?.at)) - Date.parse(String(first.data?.at));
    assert.ok(apart > 500, `${apart} ms apart`);
  });

  it('is asked once for all who watch', async () => {
    await using w = await watched();
    const url = `${w.api.url}/v1/sessions/s_1/live`;
    await using a = await EventClient.open(url, w.key);
    await using b = await EventClient.open(url, w.key);
    await a.event();
    await b.event();
    const before = w.asked.length;
    const [ofA, ofB] = [await a.event(), await b.event()];
    assert.deepEqual(ofA, ofB);
    assert.equal(w.asked.length - before, 1, 'one question for two watchers');
  });

  it('whose owner can’t be asked says so in words, and shows what the registry has', async () => {
    await using w = await watched();
    await w.worker[Symbol.asyncDispose]();
    await using client = await EventClient.open(`${w.api.url}/v1/sessions/s_1/live`, w.key);
    const { data } = await client.event();
    assert.match(String(data?.trouble), /did not answer/);
    assert.deepEqual(data?.connections, []);
    assert.ok(isOn(data?.session, 'w1'));
  });

  it('is gone when the registry has it no more', async () => {
    await using w = await watched();
    await using client = await EventClient.open(`${w.api.url}/v1/sessions/s_1/live`, w.key);
    await client.event();
    const epoch = (await w.api.registry.getSession('s_1'))?.epoch ?? 0;
    await w.api.registry.release({ sessionId: 's_1', node: w.node, epoch, reason: 'session_closed' });
    let block = await client.event();
    while (block.event === 'session') block = await client.event();
    assert.deepEqual([block.event, block.data], ['gone', { session: 's_1' }]);
  });

  it('is its tenant’s only, and there are so many streams a tenant', async () => {
    await using w = await watched();
    const other = await w.api.tenant('other');
    for (const path of ['live', 'live?format=json', 'access']) {
      const refused = await w.api.ask('GET', `/v1/sessions/s_1/${path}`, { key: other });
      assert.deepEqual([refused.status, refused.body.code], [404, 'session_not_found'], path);
    }
    const clients: EventClient[] = [];
    for (let i = 0; i < 21; i += 1) clients.push(await EventClient.open(`${w.api.url}/v1/sessions/s_1/live`, w.key));
    assert.deepEqual(
      clients.map(({ response }) => response.status),
      [...Array.from({ length: 20 }, () => 200), 429],
    );
    for (const client of clients) client.close();
  });
});

function isOn(session: unknown, node: string): boolean {
  return typeof session === 'object' && session !== null && 'node' in session && session.node === node;
}

describe('the ways into a session', { timeout: 30_000 }, () => {
  it('are those that its agent was told, with a command that works', async () => {
    await using w = await watched();
    await w.api.node('g1', { role: 'gateway' });
    const answer = await w.api.ask<SessionAccess>('GET', '/v1/sessions/s_1/access', { key: w.key });
    const password = proxySecret(secret, 's_1');
    const { gateways, direct, pac, curl } = answer.body;
    assert.deepEqual([answer.body.username, answer.body.password], ['s_1', password]);
    const proxyUrl = `http://s_1:${password}@g1.test:3128/`;
    assert.deepEqual(gateways, [{ id: 'g1', proxy: 'http://g1.test:3128', proxyUrl }]);
    assert.equal(direct?.proxyUrl, `http://s_1:${password}@w1.test:3128/`);
    assert.equal((await w.api.ask('GET', new URL(pac).pathname + new URL(pac).search, { key: '' })).status, 200);
    assert.equal(curl, `curl -x ${proxyUrl} http://app.example.internal/`);
  });

  it('are told to operators, and not to viewers', async () => {
    await using w = await watched();
    const keys = { operator: await w.api.tenant('acme', 'operator'), viewer: await w.api.tenant('acme', 'viewer') };
    assert.equal((await w.api.ask('GET', '/v1/sessions/s_1/access', { key: keys.operator })).status, 200);
    const refused = await w.api.ask('GET', '/v1/sessions/s_1/access', { key: keys.viewer });
    assert.deepEqual([refused.status, refused.body.code], [403, 'forbidden']);
    assert.doesNotMatch(refused.text, new RegExp(proxySecret(secret, 's_1')));
    assert.equal((await w.api.ask('GET', '/v1/sessions/s_1/live?format=json', { key: keys.viewer })).status, 200);
  });
});

describe('sessions, looked for', { timeout: 30_000 }, () => {
  it('are found by label, and by part of what they are called', async () => {
    await using api = await TestApi.start();
    await api.tenant('acme');
    const node = await api.node('w1');
    const base = { tenantId: 'acme', node, pool: node.pool, agentId: 'a', keyId: 'k', lastEpoch: 0 };
    await api.registry.claim({ ...base, sessionId: 's_a', name: 'lyon', labels: { site: 'Lyon', 'team/x': 'a=b' } });
    await api.registry.claim({ ...base, sessionId: 's_b', name: 'bern', labels: { site: 'Bern' } });
    const found = async (query: string): Promise<string[]> => {
      const answer = await api.ask<SessionList>('GET', `/v1/sessions?${query}`);
      return answer.body.items.map(({ id }) => id);
    };
    assert.deepEqual(await found('label=site'), ['s_a', 's_b']);
    assert.deepEqual(await found('label=site%3DBern'), ['s_b']);
    assert.deepEqual(await found('label=team/x%3Da%3Db'), ['s_a'], 'what is behind the first = is the value');
    assert.deepEqual(await found('label=nothing'), []);
    assert.deepEqual(await found('q=ACM'), ['s_a', 's_b']);
    assert.deepEqual(await found('q=LYO&label=site%3DBern'), []);
  });
});
