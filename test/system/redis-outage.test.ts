import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Cluster, createKey, type ManagedProcess, type NewKey } from '@culvert/local';
import { type ServingAgent, serveWith } from '../support/agent-process.ts';
import { assertRefused } from '../support/api-refusals.ts';
import { eventually } from '../support/eventually.ts';
import { type HelloApp, startHelloApp } from '../support/hello-app.ts';
import { getVia } from '../support/proxy-client.ts';
import { TunnelClient } from '../support/tunnel-client.ts';
import { openCluster, type TestCluster } from '../support/with-cluster.ts';

const HOST = 'app.internal';
const WORDS = 'the private app';
/** The registry is whole again this soon after Redis came back without its data. */
const REBUILT_MS = 15_000;

describe('without Redis', () => {
  let test: TestCluster;
  let cluster: Cluster;
  let app: HelloApp;
  let good: NewKey;
  let revoked: NewKey;
  let agent: ServingAgent;
  let target: string;

  before(async () => {
    app = await startHelloApp(WORDS);
    target = `http://${HOST}:${app.port}/`;
    test = await openCluster({ workers: 2, apis: 2 });
    ({ cluster } = test);
    await cluster.api.call('POST', '/tenants', { body: { id: 'acme' } });
    good = await createKey(cluster.api, 'acme', 'agent', 'good');
    revoked = await createKey(cluster.api, 'acme', 'agent', 'revoked');
    await cluster.api.call('DELETE', `/tenants/acme/keys/${revoked.id}`);
    agent = await serve('app');
  });

  after(async () => {
    await app[Symbol.asyncDispose]();
    await test.end();
  });

  const serve = (name: string): Promise<ServingAgent> =>
    serveWith(cluster, {
      key: good.key,
      name,
      allow: [`${HOST}:${app.port}`],
      hosts: { [HOST]: '127.0.0.1' },
    });

  const nodes = (): ManagedProcess[] => [...cluster.apis, ...cluster.workers, ...cluster.gateways];
  const allReady = (): Promise<unknown> =>
    eventually('every node is ready', async () => {
      const all = await Promise.all(nodes().map((node) => readiness(node)));
      return all.every(({ ready }) => ready);
    });

  /** The session is listed, a key opens another, and what was revoked stays so. */
  async function assertWhole(): Promise<void> {
    const body = { name: 'another' };
    await eventually('sessions are listed and opened', async () => {
      const seen = await cluster.api.request('GET', `/sessions/${agent.sessionId}`, { key: good.key });
      const opened = await cluster.api.request('POST', '/sessions', { key: good.key, body });
      return seen.status === 200 && opened.status === 201;
    });
    await assertRefused(cluster, { key: revoked.key, path: '/sessions' }, 401, 'key_revoked');
    assert.equal((await getVia(agent.proxy, target)).body, WORDS);
  }

  it('what is established goes on, known routes are served, the API says 503 soon', async () => {
    const tunnel = await TunnelClient.open(agent.proxy, `${HOST}:${app.port}`);
    await tunnel.expect(WORDS);
    await cluster.redis.stop();
    await tunnel.expect(WORDS);
    assert.equal((await getVia(agent.proxy, target)).body, WORDS);
    const opening = { path: '/sessions', method: 'POST', body: { name: 'new' } };
    // Which workers there are, the API remembers for half a second.
    await eventually('no session is opened', async () => {
      return (await cluster.api.request('POST', '/sessions', { key: good.key, body: opening.body })).status === 503;
    });
    for (const call of [{ path: '/sessions' }, { path: `/sessions/${agent.sessionId}` }, opening]) {
      const started = performance.now();
      await assertRefused(cluster, { key: good.key, ...call }, 503, 'registry_unavailable');
      assert.ok(performance.now() - started < 2_000, `${call.path} took too long`);
    }
    await assertRefused(cluster, { key: revoked.key, path: '/sessions' }, 401, 'key_revoked');
    await tunnel.expect(WORDS);
    tunnel.close();
  });

  it('back without its data: sessions are told again, keys work, what was revoked stays revoked', async () => {
    const started = performance.now();
    await cluster.redis.start({ empty: true });
    await assertWhole();
    assert.ok(performance.now() - started < REBUILT_MS);
    await allReady();
  });

  it('the settings are put back into it: an API that starts with no snapshot knows them', async () => {
    const [api] = cluster.apis;
    assert.ok(api);
    await api.stop();
    rmSync(join(cluster.dataDir, 'snapshots', api.id), { recursive: true });
    await api.start();
    await assertWhole();
  });

  it('emptied while it runs: the same, and no session is answered as absent meanwhile', async () => {
    const tunnel = await TunnelClient.open(agent.proxy, `${HOST}:${app.port}`);
    const started = performance.now();
    const answers = new Set<string>();
    await flushAll(cluster.redis.url);
    await eventually('the registry has the session again', async () => {
      const { status } = await cluster.api.request('GET', `/sessions/${agent.sessionId}`, { key: good.key });
      const { body, code } = await getVia(agent.proxy, target);
      answers.add(`the API: ${status}`).add(`the proxy: ${code ?? body}`);
      return status === 200;
    });
    answers.delete('the API: 503'); // not known yet
    assert.deepEqual([...answers].toSorted(), ['the API: 200', `the proxy: ${WORDS}`]);
    await assertWhole();
    assert.ok(performance.now() - started < REBUILT_MS);
    await tunnel.expect(WORDS);
    tunnel.close();
  });

  it('absent when nodes start: they say so, and are whole without a restart once it is there', async () => {
    await agent.process.stop();
    await cluster.redis.stop();
    await Promise.all(nodes().map((node) => node.stop()));
    const logged = await Promise.all(nodes().map(async (node) => (await node.log()).length));
    await Promise.all(nodes().map((node) => node.start()));
    const where = new URL(cluster.redis.url).host;
    for (const [index, node] of nodes().entries()) {
      const { ready, reasons } = await readiness(node);
      assert.equal(ready, false, node.id);
      assert.match(reasons.join(), /Redis at .* cannot be used|nothing listens there/, node.id);
      const line = await eventually(`words of ${node.id}`, async () =>
        (await node.log()).slice(logged[index]).find(({ event }) => event === 'registry.down'),
      );
      assert.equal(line.msg, 'Redis cannot be used: nothing listens there (ECONNREFUSED)');
      assert.ok(String(line.redis).includes(where), `${node.id} names ${String(line.redis)}`);
    }
    await cluster.redis.start();
    await allReady();
    await agent.process.start();
    await eventually('it answers', async () => (await getVia(agent.proxy, target)).body === WORDS);
    await assertWhole();
  });
});

async function readiness(node: ManagedProcess): Promise<{ ready: boolean; reasons: string[] }> {
  const response = await fetch(`${node.address('admin')}/readyz`);
  const readiness = (await response.json()) as { ready: boolean; reasons: string[] }; // the form of /readyz
  assert.equal(response.status, readiness.ready ? 200 : 503);
  return readiness;
}

/** Redis's own inline commands: no client needed for these two. */
async function flushAll(url: string): Promise<void> {
  const { hostname, port, password } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.end(`AUTH ${password}\r\nFLUSHALL\r\nQUIT\r\n`);
  let replies = '';
  socket.on('data', (text) => {
    replies += String(text);
  });
  await once(socket, 'close');
  assert.match(replies, /^(\+OK\r\n){2,3}$/);
}
