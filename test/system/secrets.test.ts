import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Cluster, createKey, type ManagedProcess, readClusterSecret } from '@culvert/local';
import { pacToken } from '@culvert/service';
import { type ServingAgent, serveWith } from '../support/agent-process.ts';
import { eventually } from '../support/eventually.ts';
import { type HelloApp, startHelloApp } from '../support/hello-app.ts';
import { localProxyFor } from '../support/local-proxy-process.ts';
import { connectVia, credentialsOf, getVia, withCredentials } from '../support/proxy-client.ts';
import { openCluster, type TestCluster } from '../support/with-cluster.ts';

const DEBUG = { env: { CULVERT_LOG_LEVEL: 'debug' } };

interface OpenedSession {
  readonly link: { readonly url: string; readonly ticket: string };
  readonly proxy: { readonly password: string; readonly pac: string };
}

/** A cluster that talks as much as it can, with traffic that works and traffic that is refused. */
describe('secrets', () => {
  let test: TestCluster;
  let cluster: Cluster;
  let app: HelloApp;
  let agent: ServingAgent;
  let localProxy: ManagedProcess;
  /** What must be nowhere, by what it is. */
  const secrets = new Map<string, string>();
  /** Whatever was answered to wrong requests. */
  const refusals: string[] = [];

  before(async () => {
    app = await startHelloApp('the private app');
    test = await openCluster({
      workers: 2,
      deployers: 1,
      demo: true,
      overrides: { api: DEBUG, worker: DEBUG, gateway: DEBUG, deployer: DEBUG },
    });
    ({ cluster } = test);
    await cluster.api.call('POST', '/tenants', { body: { id: 'acme' } });
    const { key } = await createKey(cluster.api, 'acme', 'agent', 'test');
    agent = await serveWith(cluster, {
      key,
      name: 'app',
      allow: [`app.internal:${app.port}`],
      hosts: { 'app.internal': '127.0.0.1' },
      env: DEBUG.env,
    });
    localProxy = localProxyFor(cluster, key, agent.sessionId, DEBUG.env);
    await localProxy.start();
    await collect(key);
    await useIt(key);
    await breakIt();
  });

  after(async () => {
    await app[Symbol.asyncDispose]();
    await localProxy.stop();
    await test.end();
  });

  async function collect(key: string): Promise<void> {
    const opened = await cluster.api.call<OpenedSession>('POST', '/sessions', { key, body: { name: 'app' } });
    const route = await cluster.api.call<OpenedSession>('GET', `/sessions/${agent.sessionId}/route`, { key });
    const { username, password } = credentialsOf(agent.proxy);
    const demo = cluster.demo;
    assert.ok(demo);
    const found = {
      'the cluster secret': readClusterSecret(cluster.dataDir),
      'the admin key': cluster.adminKey,
      'the agent key': key,
      'the demo key': demo.key,
      'a proxy password': password,
      'a proxy password, encoded': Buffer.from(`${username}:${password}`).toString('base64'),
      'the demo’s proxy password': credentialsOf(demo.proxy).password,
      // The signature is what makes it one; the rest of a ticket is no secret.
      'an agent’s ticket': opened.link.ticket.split('.').at(-1),
      'an edge’s ticket': route.link.ticket.split('.').at(-1),
      'a PAC token': pacToken(cluster.secret, agent.sessionId),
      'Redis’s password': new URL(cluster.redis.url).password,
    };
    for (const [what, secret] of Object.entries(found)) {
      assert.ok(secret !== undefined && secret.length >= 20, what);
      secrets.set(what, secret);
    }
  }

  /** The ordinary ways in, by all three proxies. */
  async function useIt(key: string): Promise<void> {
    const target = `http://app.internal:${app.port}/`;
    for (const proxy of [agent.proxy, await directProxy(), String(localProxy.readiness.proxy)]) {
      assert.equal((await getVia(proxy, target)).body, 'the private app');
      const { answer, socket } = await connectVia(proxy, `app.internal:${app.port}`);
      assert.equal(answer.status, 200);
      socket.destroy();
    }
    assert.equal((await fetch(agent.pac)).status, 200);
    assert.equal((await cluster.api.request('GET', '/sessions', { key })).status, 200);
  }

  /** Each secret in a place where it is refused, and in places where a careless server would repeat it. */
  async function breakIt(): Promise<void> {
    const api = cluster.api.url;
    const gateway = cluster.gateways[0]?.address('proxy') ?? '';
    const link = cluster.workers[0]?.address('link').replace('ws:', 'http:') ?? '';
    for (const secret of secrets.values()) {
      const authorization = `Bearer ${secret}`;
      for (const url of [
        `${api}/v1/nodes/nobody`,
        `${api}/v1/sessions?state=wrong`,
        `${api}/v1/nowhere`,
        `${link}/link`,
        `${link}/nowhere`,
      ]) {
        await refused(fetch(url, { headers: { authorization } }));
      }
      const pac = `${api}/v1/sessions/s_${'a'.repeat(16)}/proxy.pac?token=${encodeURIComponent(secret)}`;
      await refused(fetch(pac));
      for (const proxy of [
        withCredentials(gateway, agent.sessionId, `${secret}x`),
        withCredentials(gateway, 'nobody@nowhere', secret),
      ]) {
        refusals.push((await getVia(proxy, 'http://app.internal/')).body);
      }
    }
    refusals.push((await getVia(agent.proxy, 'http://denied.internal/')).body);
    // Redis's client tells most when it fails.
    await cluster.redis.stop();
    await eventually('nodes notice', () => cluster.workers[0]?.log().then((lines) => lines.some(isAboutRedis)));
    await refused(cluster.api.request('GET', '/sessions').then(({ body }) => new Response(JSON.stringify(body))));
    await cluster.redis.start();
    await agent.process.kill('SIGKILL');
    await agent.process.start();
  }

  async function refused(answer: Promise<Response>): Promise<void> {
    const response = await answer;
    refusals.push(`${JSON.stringify([...response.headers])} ${await response.text()}`);
  }

  async function directProxy(): Promise<string> {
    const { username, password } = credentialsOf(agent.proxy);
    const owner = cluster.workers.find(({ id }) => id === agent.node);
    return withCredentials(owner?.address('proxy') ?? '', username, password);
  }

  function assertNone(where: string, text: string): void {
    for (const [what, secret] of secrets) assert.ok(!text.includes(secret), `${what} is in ${where}`);
  }

  it('are in no log, at the level that says most', async () => {
    const logs = join(cluster.dataDir, 'logs');
    const files = readdirSync(logs);
    for (const process of [...cluster.processes, localProxy]) assert.ok(files.includes(`${process.id}.log`));
    for (const file of files) assertNone(file, readFileSync(join(logs, file), 'utf8'));
    // That there was something to find them in.
    for (const { id } of [...cluster.workers, ...cluster.gateways, ...cluster.apis]) {
      assert.match(readFileSync(join(logs, `${id}.log`), 'utf8'), /"level":"debug"/, id);
    }
  });

  it('are on no command line', () => {
    const pids = [...cluster.processes, localProxy].map(({ pid }) => pid);
    for (const pid of [...pids, cluster.redis.pid]) {
      const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      assert.ok(commandLine.length > 0);
      assertNone(`the command line ${commandLine.replaceAll('\0', ' ')}`, commandLine);
    }
  });

  it('are in no answer to a request that was refused', () => {
    assert.ok(refusals.length > secrets.size);
    for (const refusal of refusals) assertNone(`the answer ${refusal}`, refusal);
  });

  it('are, where they have to be on disk, for their owner only', () => {
    const holders = readdirSync(cluster.dataDir, { recursive: true, encoding: 'utf8' })
      .map((name) => join(cluster.dataDir, name))
      .filter((path) => statSync(path).isFile())
      .filter((path) => [...secrets.values()].some((secret) => readFileSync(path, 'utf8').includes(secret)));
    assert.ok(holders.includes(join(cluster.dataDir, 'local.json')));
    for (const path of holders) assert.equal(statSync(path).mode & 0o077, 0, `${path} can be read by others`);
  });
});

function isAboutRedis({ event }: { event?: string }): boolean {
  return event === 'registry.down';
}
