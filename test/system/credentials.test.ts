import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CulvertError, silentLogger } from '@culvert/base';
import { dialLink, type Link } from '@culvert/link';
import { type Cluster, createKey, type NewKey } from '@culvert/local';
import { type AgentTicket, ClusterSecret, proxySecret, signTicket } from '@culvert/service';
import { type ServingAgent, serveWith } from '../support/agent-process.ts';
import { assertRefused } from '../support/api-refusals.ts';
import { eventually } from '../support/eventually.ts';
import { connectVia, getVia, withCredentials } from '../support/proxy-client.ts';
import { openCluster, type TestCluster } from '../support/with-cluster.ts';

describe('credentials', () => {
  let test: TestCluster;
  let cluster: Cluster;
  let key: NewKey;
  let agent: ServingAgent;

  before(async () => {
    test = await openCluster({ workers: 2 });
    ({ cluster } = test);
    await cluster.api.call('POST', '/tenants', { body: { id: 'acme' } });
    await cluster.api.call('POST', '/tenants', { body: { id: 'globex' } });
    key = await createKey(cluster.api, 'acme', 'agent', 'test');
    agent = await serveWith(cluster, { key: key.key, name: 'app', allow: ['*'] });
  });

  after(() => test.end());

  it('at the API: each wrong key gets its code', async () => {
    const path = '/sessions';
    await assertRefused(cluster, { key: undefined, path }, 401, 'unauthenticated');
    for (const wrong of ['nonsense', `${key.key}x`, key.key.slice(0, -1), `ck_${'a'.repeat(10)}_${'b'.repeat(32)}`]) {
      await assertRefused(cluster, { key: wrong, path }, 401, 'unauthenticated');
    }
    const revoked = await createKey(cluster.api, 'acme', 'agent', 'revoked');
    await cluster.api.call('DELETE', `/tenants/acme/keys/${revoked.id}`);
    await assertRefused(cluster, { key: revoked.key, path }, 401, 'key_revoked');

    const body = { role: 'agent', ttlSeconds: 1 };
    const brief = await cluster.api.call<NewKey>('POST', '/tenants/acme/keys', { body });
    assert.equal((await cluster.api.request('GET', path, { key: brief.key })).status, 200);
    await eventually('it has expired', async () => {
      return (await cluster.api.request('GET', path, { key: brief.key })).status === 401;
    });
    await assertRefused(cluster, { key: brief.key, path }, 401, 'key_expired');
  });

  it('at the API: a good key does no more than its role', async () => {
    for (const path of ['/nodes', '/tenants', '/tenants/acme/keys']) {
      await assertRefused(cluster, { key: key.key, path }, 403, 'forbidden');
    }
    const operator = await createKey(cluster.api, 'acme', 'operator', 'test');
    assert.equal((await cluster.api.request('GET', '/nodes', { key: operator.key })).status, 200);
    const founding = { key: operator.key, method: 'POST', path: '/tenants', body: { id: 'own' } };
    await assertRefused(cluster, founding, 403, 'forbidden');
    const opening = { key: cluster.adminKey, method: 'POST', path: '/sessions', body: {} };
    await assertRefused(cluster, opening, 403, 'forbidden');
  });

  it('at every proxy: each wrong secret gets 407, a good one of a session that is away 503', async () => {
    const owner = cluster.workers.find(({ id }) => id === agent.node);
    const { sessionId } = agent;
    const another = `s_${'a'.repeat(16)}`;
    for (const address of [agent.proxy, String(owner?.address('proxy'))]) {
      for (const [user, password] of [
        ['', ''],
        [sessionId, ''],
        [sessionId, 'wrong'],
        [sessionId, proxySecret(cluster.secret, another)],
        ['app@acme', proxySecret(cluster.secret, another)],
        ['app@globex', proxySecret(cluster.secret, sessionId)],
        [key.id, key.key],
      ] as const) {
        const proxy = withCredentials(address, user, password);
        const { status, code, headers } = await getVia(proxy, 'http://app.internal/');
        assert.deepEqual([status, code], [407, 'proxy_auth_required'], user);
        assert.match(String(headers['proxy-authenticate']), /^Basic realm="culvert"/);
        const { answer, socket } = await connectVia(proxy, 'app.internal:443');
        socket.destroy();
        assert.equal(answer.status, 407);
      }
      const away = withCredentials(address, another, proxySecret(cluster.secret, another));
      const { status, code, headers } = await getVia(away, 'http://app.internal/');
      assert.deepEqual([status, code], [503, 'session_offline']);
      assert.ok(Number(headers['retry-after']) >= 1);
    }
  });

  it('at a worker: each wrong ticket gets its code, and none gets a link', async () => {
    const [worker, other] = cluster.workers;
    assert.ok(worker && other);
    const good: AgentTicket = {
      kind: 'agent',
      sessionId: `s_${'b'.repeat(16)}`,
      tenantId: 'acme',
      name: null,
      agentId: 'a_test',
      keyId: key.id,
      labels: {},
      node: worker.id,
      lastEpoch: 0,
      connectionLimit: 1,
      expiresAt: Date.now() + 60_000,
    };
    const sign = (changes: Partial<AgentTicket>): string => signTicket(cluster.secret, { ...good, ...changes });
    const forged = signTicket(ClusterSecret.parse('another cluster’s secret, of 32 bytes'), good);
    const [version, , mac] = sign({}).split('.');
    const swapped = Buffer.from(JSON.stringify({ ...good, tenantId: 'globex' })).toString('base64url');
    for (const [what, ticket, code] of [
      ['none', '', 'ticket_invalid'],
      ['an API key', key.key, 'ticket_invalid'],
      ['of another cluster', forged, 'ticket_invalid'],
      ['tampered with', `${version}.${swapped}.${mac}`, 'ticket_invalid'],
      ['cut off', sign({}).slice(0, -2), 'ticket_invalid'],
      ['for another worker', sign({ node: other.id }), 'ticket_invalid'],
      ['expired', sign({ expiresAt: Date.now() - 1 }), 'ticket_expired'],
    ] as const) {
      await assert.rejects(dial(worker.address('link'), ticket, 'agent'), { code }, what);
    }
    const link = await dial(worker.address('link'), sign({}), 'agent');
    assert.equal(link.welcome.sessionId, good.sessionId);
    link.close();
    await link.closed;
  });

  it('at a worker: a ticket for one session opens no connection of another, nor serves as an agent’s', async () => {
    const owner = cluster.workers.find(({ id }) => id === agent.node);
    assert.ok(owner);
    const ticket = signTicket(cluster.secret, {
      kind: 'edge',
      sessionId: `s_${'c'.repeat(16)}`,
      tenantId: 'globex',
      node: owner.id,
      expiresAt: Date.now() + 60_000,
    });
    await assert.rejects(dial(owner.address('link'), ticket, 'agent'), { code: 'protocol_error' });
    const link = await dial(owner.address('link'), ticket, 'edge');
    const key = crypto.getRandomValues(new Uint8Array(16));
    const request = { key, sessionId: agent.sessionId, connectionId: 'c_test', kind: 'connect', host: 'x', port: 1 };
    const opening = link.open({ ...request, kind: 'connect' }, { deadlineMs: 5_000 });
    await assert.rejects(opening, (error) => error instanceof CulvertError && error.code !== 'target_timeout');
    assert.deepEqual(
      agent.process.events.filter(({ event }) => event?.startsWith('connection.')),
      [],
    );
    link.close();
    await link.closed;
  });
});

function dial(address: string, token: string, role: 'agent' | 'edge'): Promise<Link> {
  return dialLink({
    url: `${address}/link`,
    token,
    role,
    id: 'test',
    software: 'test/1',
    deadlineMs: 5_000,
    logger: silentLogger,
  });
}
