import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Cluster, createKey, ManagedProcess } from '@culvert/local';
import { agentEvent, type ServingAgent, serveWith } from '../support/agent-process.ts';
import { eventually } from '../support/eventually.ts';
import { type HelloApp, startHelloApp } from '../support/hello-app.ts';
import { getVia } from '../support/proxy-client.ts';
import { TunnelClient } from '../support/tunnel-client.ts';
import { CULVERT_ENTRY, openCluster, type TestCluster, withCluster } from '../support/with-cluster.ts';

const HOST = 'app.internal';
const WORDS = 'the private app';

describe('recovery', () => {
  let app: HelloApp;
  before(async () => {
    app = await startHelloApp(WORDS);
  });
  after(() => app[Symbol.asyncDispose]());

  const target = (): string => `http://${HOST}:${app.port}/`;
  const agentOptions = () => ({ allow: [`${HOST}:${app.port}`], hosts: { [HOST]: '127.0.0.1' } });

  describe('of agents and workers', () => {
    let test: TestCluster;
    let cluster: Cluster;
    let key: string;
    let agent: ServingAgent;

    before(async () => {
      test = await openCluster({ workers: 2 });
      ({ cluster } = test);
      await cluster.api.call('POST', '/tenants', { body: { id: 'acme' } });
      ({ key } = await createKey(cluster.api, 'acme', 'agent', 'test'));
      agent = await serveWith(cluster, { id: 'agent', key, name: 'app', ...agentOptions() });
    });
    after(() => test.end());

    it('an agent that was killed: 503 with Retry-After, then as before, under the same id and credentials', async () => {
      assert.equal((await getVia(agent.proxy, target())).body, WORDS);
      await agent.process.kill('SIGKILL');
      const away = await eventually('the session is offline', async () => {
        const answer = await getVia(agent.proxy, target());
        return answer.status !== 200 && answer;
      });
      assert.deepEqual([away.status, away.code], [503, 'session_offline']);
      assert.ok(Number(away.headers['retry-after']) >= 1);

      const { sessionId, proxy } = await agent.process.start();
      assert.deepEqual([sessionId, proxy], [agent.sessionId, agent.proxy]);
      await eventually('it answers again', async () => (await getVia(agent.proxy, target())).body === WORDS);
    });

    it('a worker that was killed: its agents go to another, and new connections work', async () => {
      const { node } = await ownerOf(cluster, agent.sessionId);
      const owner = cluster.workers.find(({ id }) => id === node);
      assert.ok(owner);
      const tunnel = await TunnelClient.open(agent.proxy, `${HOST}:${app.port}`);
      await tunnel.expect(WORDS);
      await owner.kill('SIGKILL');
      await tunnel.closed; // it ends, rather than hang; surviving this is a later release's
      await eventually('it answers again', async () => (await getVia(agent.proxy, target())).body === WORDS);
      const down = await agentEvent(agent.process, ({ event }) => event === 'link.down');
      assert.equal(down.code, 'link_lost');
      const now = await ownerOf(cluster, agent.sessionId);
      assert.notEqual(now.node, node);

      // Back again under its old id, it takes sessions like any other.
      await owner.start();
      await cluster.api.call('POST', `/nodes/${now.node}/cordon`);
      const late = await serveWith(cluster, { key, name: 'late', ...agentOptions() });
      assert.equal(late.node, node);
      assert.equal((await getVia(late.proxy, target())).body, WORDS);
    });
  });

  it('an agent that is there before its cluster says what is wrong, and connects without a restart', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'culvert-test-'));
    const options = { dataDir, workers: 1, durable: true };
    // A first life of the cluster, for a key and an address; the agent starts between the two lives.
    const first = await openCluster(options);
    await first.cluster.api.call('POST', '/tenants', { body: { id: 'acme' } });
    const { key } = await createKey(first.cluster.api, 'acme', 'agent', 'test');
    const api = first.cluster.api.url;
    await first.end();

    const early = earlyAgent(join(dataDir, 'logs', 'early.log'), api, key, target());
    const connected = early.start();
    try {
      const words = await early.waitForLog(({ event }) => event === 'retrying');
      assert.equal(words.code, 'api_unreachable');
      assert.equal(words.msg ?? words.message, `the API at ${api}/ refuses connections (ECONNREFUSED)`);
      await withCluster({ ...options, overrides: { api: { flags: ['--listen', new URL(api).host] } } }, async () => {
        const { proxy } = await connected;
        await eventually('it answers', async () => (await getVia(String(proxy), target())).body === WORDS);
        await early.stop();
      });
    } finally {
      await early.stop();
      await connected.catch(() => undefined); // what failed has been told already
    }
    rmSync(dataDir, { recursive: true, force: true });
  });
});

function ownerOf(cluster: Cluster, sessionId: string): Promise<{ node: string }> {
  return cluster.api.call<{ node: string }>('GET', `/sessions/${sessionId}`);
}

/** An agent that no cluster started. */
function earlyAgent(logFile: string, api: string, key: string, target: string): ManagedProcess {
  const { host, hostname } = new URL(target);
  return new ManagedProcess(
    {
      role: 'agent',
      id: 'early',
      args: [CULVERT_ENTRY, 'connect', '--json', '--name', 'app', '--allow', host, '--host', `${hostname}=127.0.0.1`],
      env: { ...process.env, CULVERT_API: api, CULVERT_KEY: key },
      logFile,
      readyEvent: 'session.open',
      readyDeadlineMs: 60_000,
      stopDeadlineMs: 10_000,
    },
    () => undefined,
  );
}
