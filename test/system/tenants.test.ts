import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Cluster } from '@culvert/local';
import { createKey } from '@culvert/local';
import { pacToken } from '@culvert/service';
import { exitCodeOf, type ServingAgent, serveWith } from '../support/agent-process.ts';
import { assertRefused } from '../support/api-refusals.ts';
import { eventually } from '../support/eventually.ts';
import { type HelloApp, startHelloApp } from '../support/hello-app.ts';
import { connectVia, credentialsOf, getVia, withCredentials } from '../support/proxy-client.ts';
import { openCluster, type TestCluster } from '../support/with-cluster.ts';

/** A tenant with a private app and an agent for it. Both tenants call their sessions and their hosts the same. */
interface Member {
  readonly tenant: string;
  readonly key: string;
  readonly app: HelloApp;
  readonly agent: ServingAgent;
  readonly target: string;
}

const AGENT_EXIT = { keyRefused: 3, sessionEnded: 4 } as const;

describe('tenants', () => {
  let test: TestCluster;
  let cluster: Cluster;
  let acme: Member;
  let globex: Member;

  async function join(tenant: string): Promise<Member> {
    await cluster.api.call('POST', '/tenants', { body: { id: tenant } });
    const { key } = await createKey(cluster.api, tenant, 'agent', 'test');
    const app = await startHelloApp(`the app of ${tenant}`);
    const agent = await serveWith(cluster, {
      id: `agent-${tenant}`,
      key,
      name: 'app',
      allow: [`app.internal:${app.port}`],
      hosts: { 'app.internal': '127.0.0.1' },
    });
    return { tenant, key, app, agent, target: `http://app.internal:${app.port}/` };
  }

  before(async () => {
    test = await openCluster({ workers: 2 });
    ({ cluster } = test);
    await cluster.addWorker({ flags: ['--pool', 'blue'] });
    [acme, globex] = await Promise.all([join('acme'), join('globex')]);
  });

  after(async () => {
    await Promise.all([acme, globex].map(({ app }) => app[Symbol.asyncDispose]()));
    await test.end();
  });

  it('each uses its own session, by id and by name@tenant', async () => {
    assert.notEqual(acme.agent.sessionId, globex.agent.sessionId);
    for (const { tenant, agent, target } of [acme, globex]) {
      const named = withCredentials(agent.proxy, `app@${tenant}`, credentialsOf(agent.proxy).password);
      for (const proxy of [agent.proxy, named]) {
        const { status, body } = await getVia(proxy, target);
        assert.deepEqual([status, body], [200, `the app of ${tenant}`]);
      }
    }
  });

  it('neither can use the other’s session: not with its own secret, at no proxy', async () => {
    const direct = cluster.workers.map((worker) => worker.address('proxy'));
    const { password } = credentialsOf(globex.agent.proxy);
    for (const address of [acme.agent.proxy, ...direct]) {
      for (const user of [acme.agent.sessionId, 'app@acme']) {
        const stolen = withCredentials(address, user, password);
        const { status, code } = await getVia(stolen, acme.target);
        assert.deepEqual([status, code], [407, 'proxy_auth_required'], `${user} at ${new URL(address).host}`);
        const { answer, socket } = await connectVia(stolen, `app.internal:${acme.app.port}`);
        socket.destroy();
        assert.deepEqual([answer.status, answer.code], [407, 'proxy_auth_required']);
      }
    }
  });

  it('neither can see the other’s session', async () => {
    const list = async (query: string): Promise<string[]> => {
      const options = { key: globex.key };
      const { items } = await cluster.api.call<{ items: { id: string }[] }>('GET', `/sessions${query}`, options);
      return items.map(({ id }) => id);
    };
    assert.deepEqual(await list(''), [globex.agent.sessionId]);
    assert.deepEqual(await list('?tenant=acme'), []);
    assert.deepEqual(await list(`?q=${acme.agent.sessionId}`), []);

    const path = `/sessions/${acme.agent.sessionId}`;
    // The same answer as for a session that does not exist.
    const nowhere = `/sessions/s_${'a'.repeat(16)}`;
    for (const part of ['', '/route', '/connections', '/proxy.pac']) {
      for (const session of [path, nowhere]) {
        await assertRefused(cluster, { key: globex.key, path: `${session}${part}` }, 404, 'session_not_found');
      }
    }
    const token = pacToken(cluster.secret, globex.agent.sessionId);
    const withToken = { key: undefined, path: `${path}/proxy.pac?token=${token}` };
    await assertRefused(cluster, withToken, 401, 'unauthenticated');
  });

  it('neither can take, move or close the other’s session', async () => {
    const path = `/sessions/${acme.agent.sessionId}`;
    for (const call of [
      { method: 'DELETE', path },
      { method: 'DELETE', path: `${path}?force=true` },
      { method: 'POST', path: `${path}/placements`, body: {} },
    ]) {
      await assertRefused(cluster, { key: globex.key, ...call }, 404, 'session_not_found');
    }
    assert.equal((await getVia(acme.agent.proxy, acme.target)).body, 'the app of acme');
  });

  it('of two agents with one name the newer serves; the older ends and does not come back', async () => {
    const newer = await startHelloApp('the newer app');
    const key = acme.key;
    const older = await serveWith(cluster, { id: 'agent-older', key, name: 'twice', allow: ['*'] });
    const taker = await serveWith(cluster, {
      id: 'agent-newer',
      key,
      name: 'twice',
      allow: [`app.internal:${newer.port}`],
      hosts: { 'app.internal': '127.0.0.1' },
    });
    assert.equal(taker.proxy, older.proxy, 'the same id and the same credentials');
    assert.equal(await exitCodeOf(test, 'agent-older'), AGENT_EXIT.sessionEnded);
    const { body } = await getVia(taker.proxy, `http://app.internal:${newer.port}/`);
    assert.equal(body, 'the newer app');
    await taker.process.stop();
    await newer[Symbol.asyncDispose]();
  });

  it('revoking a key ends the sessions that it opened', async () => {
    const { id, key } = await createKey(cluster.api, 'acme', 'agent', 'to be revoked');
    const agent = await serveWith(cluster, { id: 'agent-revoked', key, name: 'revoked', allow: ['*'] });
    await cluster.api.call('DELETE', `/tenants/acme/keys/${id}`);
    assert.equal(await exitCodeOf(test, 'agent-revoked'), AGENT_EXIT.keyRefused);
    const offline = await eventually('the session is offline', async () => {
      const answer = await getVia(agent.proxy, acme.target);
      return answer.status === 503 && answer;
    });
    assert.equal(offline.code, 'session_offline');
    await assertRefused(cluster, { key, path: '/sessions' }, 401, 'key_revoked');
  });

  it('a tenant that is pinned is served in its pool and nowhere else', async () => {
    await cluster.api.call('POST', '/tenants', { body: { id: 'pinned' } });
    await cluster.api.call('PUT', '/tenants/pinned/pin', { body: { pool: 'blue' } });
    const { key } = await createKey(cluster.api, 'pinned', 'agent', 'test');
    const agents = await Promise.all([1, 2, 3].map((n) => serveWith(cluster, { key, name: `n${n}`, allow: ['*'] })));
    assert.deepEqual(new Set(agents.map(({ node }) => node)), new Set(['worker-3']));
    // The others are not in that pool, and get the pinned tenant's sessions not even when nothing else is left.
    await cluster.api.call('POST', '/nodes/worker-3/cordon');
    await eventually('nobody takes it', async () => {
      const { status, body } = await cluster.api.request('POST', '/sessions', { key, body: { name: 'n4' } });
      return status === 503 && body;
    }).then((problem) => assert.equal(Object(problem).code, 'no_worker_available'));
    await cluster.api.call('POST', '/nodes/worker-3/uncordon');
    await Promise.all(agents.map(({ process }) => process.stop()));
  });

  it('a tenant at its limit of sessions gets 429 for one more, not for those it has', async () => {
    await cluster.api.call('POST', '/tenants', { body: { id: 'small', limits: { sessions: 1 } } });
    const { key } = await createKey(cluster.api, 'small', 'agent', 'test');
    const { process } = await serveWith(cluster, { key, name: 'one', allow: ['*'] });
    const oneMore = { key, method: 'POST', path: '/sessions', body: { name: 'two' } };
    await assertRefused(cluster, oneMore, 429, 'limit_exceeded');
    const again = await cluster.api.request('POST', '/sessions', { key, body: { name: 'one' } });
    assert.equal(again.status, 201);
    await process.stop();
    await eventually('room for another', async () => {
      return (await cluster.api.request('POST', '/sessions', { key, body: { name: 'two' } })).status === 201;
    });
  });

  it('a session at its limit of connections gets 429 for one more', async () => {
    const limits = { connectionsPerSession: 2 };
    await cluster.api.call('POST', '/tenants', { body: { id: 'narrow', limits } });
    const { key } = await createKey(cluster.api, 'narrow', 'agent', 'test');
    const app = await startHelloApp('narrow');
    const { process, proxy } = await serveWith(cluster, { key, name: 'narrow', allow: [`127.0.0.1:${app.port}`] });
    const authority = `127.0.0.1:${app.port}`;
    const open = [await connectVia(proxy, authority), await connectVia(proxy, authority)];
    assert.deepEqual(
      open.map(({ answer }) => answer.status),
      [200, 200],
    );
    const { status, code, headers } = await getVia(proxy, `http://${authority}/`);
    assert.deepEqual([status, code], [429, 'limit_exceeded']);
    assert.ok(Number(headers['retry-after']) >= 1);
    for (const { socket } of open) socket.destroy();
    await eventually('room for another', async () => (await getVia(proxy, `http://${authority}/`)).status === 200);
    await process.stop();
    await app[Symbol.asyncDispose]();
  });
});
