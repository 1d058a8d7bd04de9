import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LinkOffer, OpenedSession, Session, SessionRoute } from '@culvert/contracts';
import { type AgentTicket, deriveSessionId, proxySecret, rootAdminKey, verifyTicket } from '@culvert/service';
import { secret, standInWorker, TestApi } from './testing/start-api.ts';

/** The ticket that a placement of `sessionId` gives for `body`, and the worker that it is for. */
async function placed(api: TestApi, key: string, sessionId: string, body: object): Promise<AgentTicket> {
  const answer = await api.ask<LinkOffer>('POST', `/v1/sessions/${sessionId}/placements`, { key, body });
  assert.equal(answer.status, 201, answer.text);
  const { node, ticket: token } = answer.body;
  const ticket = verifyTicket(secret, token, { node, now: Date.now() });
  assert.ok(ticket.kind === 'agent');
  return ticket;
}

describe('opening a session', () => {
  it('answers as the contract says, with a ticket for one worker', async () => {
    await using api = await TestApi.start();
    const key = await api.tenant('acme');
    await api.node('w1');
    await api.node('g1', { role: 'gateway' });
    const opened = await api.ask<OpenedSession>('POST', '/v1/sessions', {
      key,
      body: { name: 'ci', labels: { os: 'linux' }, agentId: 'a_1' },
    });
    assert.equal(opened.status, 201);
    const { id, name, tenant, link, proxy } = opened.body;
    assert.deepEqual([id, name, tenant], [deriveSessionId(secret, 'acme', 'ci'), 'ci', 'acme']);
    assert.equal(link.url, 'ws://w1.test:7000/link');
    const ticket = verifyTicket(secret, link.ticket, { node: 'w1', now: Date.now() });
    assert.ok(ticket.kind === 'agent');
    assert.deepEqual(
      [ticket.sessionId, ticket.tenantId, ticket.name, ticket.agentId, ticket.labels, ticket.lastEpoch],
      [id, 'acme', 'ci', 'a_1', { os: 'linux' }, 0],
    );
    assert.equal(ticket.connectionLimit, 1000);
    assert.equal(new Date(ticket.expiresAt).toISOString(), link.expiresAt);
    assert.ok(Math.abs(ticket.expiresAt - Date.now() - 60_000) < 5_000);
    assert.deepEqual([proxy.url, proxy.username], ['http://g1.test:3128', id]);
    assert.equal(proxy.password, proxySecret(secret, id));
    assert.match(proxy.pac, new RegExp(`^http://api\\.test:1/v1/sessions/${id}/proxy\\.pac\\?token=`));
  });

  it('gives a name the same id each time, and no name a new one', async () => {
    await using api = await TestApi.start();
    const key = await api.tenant('acme');
    await api.node('w1');
    const open = async (body: object) => (await api.ask<OpenedSession>('POST', '/v1/sessions', { key, body })).body.id;
    assert.equal(await open({ name: 'a' }), await open({ name: 'a' }));
    assert.notEqual(await open({}), await open({}));
    assert.match(await open({ name: null }), /^s_/);
  });

  it('has the agent dial a gateway where workers have no public address', async () => {
    await using api = await TestApi.start({ linkVia: 'gateway' });
    const key = await api.tenant('acme');
    await api.node('w1');
    const refused = await api.ask('POST', '/v1/sessions', { key, body: {} });
    assert.deepEqual([refused.status, refused.body.code], [503, 'no_gateway_available']);
    await api.node('g1', { role: 'gateway' });
    const opened = await api.ask<OpenedSession>('POST', '/v1/sessions', { key, body: {} });
    assert.equal(opened.body.link.url, 'ws://g1.test:7000/link/w1');
  });

  it('says when no worker can take it, and when to come back', async () => {
    await using api = await TestApi.start();
    const key = await api.tenant('acme');
    await api.node('full', { capacity: 3 }, 3);
    await api.node('elsewhere', { pool: 'blue' });
    await api.node('cordoned');
    await api.ask('POST', '/v1/nodes/cordoned/cordon');
    const refused = await api.ask('POST', '/v1/sessions', { key, body: {} });
    assert.deepEqual([refused.status, refused.body.code], [503, 'no_worker_available']);
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    await api.ask('PUT', '/v1/tenants/acme/pin', { body: { pool: 'blue' } });
    const opened = await api.ask<OpenedSession>('POST', '/v1/sessions', { key, body: {} });
    assert.equal(opened.body.link.node, 'elsewhere');
  });

  it('keeps to the limit of the tenant, which does not count a session that comes back', async () => {
    await using api = await TestApi.start();
    const key = await api.tenant('acme', 'agent', { sessions: 1 });
    const worker = await api.node('w1');
    const { body } = await api.ask<OpenedSession>('POST', '/v1/sessions', { key, body: { name: 'a' } });
    await api.claim(worker, body.id, 'acme', 'a');
    const refused = await api.ask('POST', '/v1/sessions', { key, body: { name: 'b' } });
    assert.deepEqual([refused.status, refused.body.code], [429, 'limit_exceeded']);
    assert.equal((await api.ask('POST', '/v1/sessions', { key, body: { name: 'a' } })).status, 201);
  });

  it('needs a key of a tenant', async () => {
    await using api = await TestApi.start();
    await api.node('w1');
    assert.equal((await api.ask('POST', '/v1/sessions', { body: {} })).body.code, 'forbidden');
  });

  it('places a session anew, away from what did not work', async () => {
    await using api = await TestApi.start();
    const key = await api.tenant('acme');
    const first = await api.node('w1');
    await api.node('w2');
    await api.claim(first, 's_1', 'acme');
    const placed = await api.ask<OpenedSession['link']>('POST', '/v1/sessions/s_1/placements', {
      key,
      body: { exclude: ['w1'], lastEpoch: 7 },
    });
    assert.equal(placed.status, 201);
    assert.equal(placed.body.url, 'ws://w2.test:7000/link');
    const ticket = verifyTicket(secret, placed.body.ticket, { node: 'w2', now: Date.now() });
    assert.ok(ticket.kind === 'agent');
    assert.deepEqual([ticket.lastEpoch, ticket.agentId], [7, 'a_test']);
    const none = await api.ask('POST', '/v1/sessions/s_1/placements', { key, body: { exclude: ['w1', 'w2'] } });
    assert.equal(none.body.code, 'no_worker_available');
  });

  it('places it where its agent was advised to go, if that worker can take it', async () => {
    await using api = await TestApi.start();
    const key = await api.tenant('acme');
    await api.claim(await api.node('w1'), 's_1', 'acme');
    for (const id of ['w2', 'w3', 'w4', 'w5']) await api.node(id);
    // By chance alone, this fails 3 times in 4, five times over.
    for (let at = 0; at < 5; at += 1) {
      assert.equal((await placed(api, key, 's_1', { exclude: ['w1'], prefer: 'w3' })).node, 'w3');
    }
    await api.node('full', { capacity: 3 }, 3);
    await api.node('blue', { pool: 'blue' });
    await api.node('cordoned');
    await api.ask('POST', '/v1/nodes/cordoned/cordon');
    await api.deadNode('dead');
    await api.node('g1', { role: 'gateway' });
    const exclude = ['w1', 'w3', 'w4', 'w5'];
    for (const prefer of ['w3', 'full', 'blue', 'cordoned', 'dead', 'g1', 'none']) {
      assert.equal((await placed(api, key, 's_1', { exclude, prefer })).node, 'w2', prefer);
    }
    const refused = await api.ask('POST', '/v1/sessions/s_1/placements', { key, body: { prefer: 'No Id' } });
    assert.deepEqual([refused.status, refused.body.code], [400, 'invalid_request']);
  });

  it('places a standby link beside the owner, never on it', async () => {
    await using api = await TestApi.start();
    const key = await api.tenant('acme');
    await api.claim(await api.node('w1'), 's_1', 'acme');
    const alone = await api.ask('POST', '/v1/sessions/s_1/placements', { key, body: { standby: true } });
    assert.deepEqual([alone.status, alone.body.code], [503, 'no_worker_available']);
    await api.node('w2');
    for (let at = 0; at < 5; at += 1) {
      const ticket = await placed(api, key, 's_1', { standby: true, prefer: 'w1' });
      assert.deepEqual([ticket.node, ticket.standby], ['w2', true]);
    }
    assert.ok(!('standby' in (await placed(api, key, 's_1', { prefer: 'w1', standby: false }))));
  });

  it('gives an agent that another one replaced no way back', async () => {
    await using api = await TestApi.start();
    const key = await api.tenant('acme');
    const worker = await api.node('w1');
    await api.claim(worker, 's_1', 'acme'); // by a_test
    const { epoch } = (await api.ask<Session>('GET', '/v1/sessions/s_1', { key })).body;
    const body = { agentId: 'a_old', lastEpoch: epoch - 1 };
    for (const standby of [true, false]) {
      const refused = await api.ask('POST', '/v1/sessions/s_1/placements', { key, body: { ...body, standby } });
      assert.deepEqual([refused.status, refused.body.code], [409, 'superseded']);
    }
    // The agent that has it, behind or not; another one that has seen this epoch; any, once nobody serves it.
    assert.equal((await placed(api, key, 's_1', { agentId: 'a_test', lastEpoch: 0 })).agentId, 'a_test');
    assert.equal((await placed(api, key, 's_1', { ...body, lastEpoch: epoch })).agentId, 'a_old');
    await api.registry.leave(worker);
    await api.node('w2');
    assert.equal((await placed(api, key, 's_1', body)).agentId, 'a_old');
  });

  it('refuses malformed names, labels and bodies', async () => {
    await using api = await TestApi.start();
    const key = await api.tenant('acme');
    const labels = Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`l${at}`, '']));
    for (const body of [
      { name: 'A' },
      { name: '-a' },
      { name: 'x'.repeat(64) },
      { labels },
      { labels: { a: 1 } },
      [],
      'x',
    ]) {
      const refused = await api.ask('POST', '/v1/sessions', { key, body });
      assert.deepEqual([refused.status, refused.body.code], [400, 'invalid_request'], JSON.stringify(body));
    }
  });
});

describe('a session', () => {
  it('is seen, used and closed by its own tenant and by operators only', async () => {
    await using api = await TestApi.start();
    const [mine, theirs, operator] = [
      await api.tenant('acme'),
      await api.tenant('other'),
      await api.tenant('ops', 'operator'),
    ];
    await using worker = await standInWorker({ 'POST /sessions/s_1/ask': { status: 200, body: { outcome: 'done' } } });
    await api.claim(await api.node('w1', { admin: worker.admin }), 's_1', 'acme', 'ci');
    const paths = ['', '/route', '/connections', '/proxy.pac'];
    for (const path of paths) {
      const refused = await api.ask('GET', `/v1/sessions/s_1${path}`, { key: theirs });
      assert.deepEqual([refused.status, refused.body.code], [404, 'session_not_found'], path);
    }
    for (const [method, path] of [
      ['POST', '/placements'],
      ['DELETE', ''],
    ] as const) {
      const refused = await api.ask(method, `/v1/sessions/s_1${path}`, { key: theirs, ...(path ? { body: {} } : {}) });
      assert.equal(refused.body.code, 'session_not_found', path);
    }
    assert.deepEqual((await api.ask('GET', '/v1/sessions', { key: theirs })).body.items, []);
    assert.deepEqual((await api.ask('GET', '/v1/sessions?tenant=acme', { key: theirs })).body.items, []);
    assert.equal(worker.asked.length, 0);
    for (const key of [mine, operator]) {
      const seen = await api.ask<Session>('GET', '/v1/sessions/s_1', { key });
      assert.deepEqual(
        [seen.body.id, seen.body.tenant, seen.body.node, seen.body.state],
        ['s_1', 'acme', 'w1', 'idle'],
      );
      assert.equal((await api.ask<{ items: Session[] }>('GET', '/v1/sessions', { key })).body.items.length, 1);
    }
    assert.equal((await api.ask('DELETE', '/v1/sessions/s_1', { key: mine })).status, 204);
    assert.equal(worker.asked.length, 1);
    assert.ok(worker.asked[0]?.startsWith(`POST /sessions/s_1/ask Bearer ${rootAdminKey(secret)} {`));
  });

  it('is found by state, node, tenant, words and page', async () => {
    await using api = await TestApi.start();
    const [one, two] = [await api.node('w1'), await api.node('w2')];
    for (const at of [1, 2, 3])
      await api.claim(at < 3 ? one : two, `s_${at}`, at === 1 ? 'acme' : 'other', `name-${at}`);
    const ids = async (query: string): Promise<string[]> =>
      (await api.ask<{ items: Session[] }>('GET', `/v1/sessions?${query}`)).body.items.map(({ id }) => id);
    assert.deepEqual(await ids('node=w1'), ['s_1', 's_2']);
    assert.deepEqual(await ids('tenant=other'), ['s_2', 's_3']);
    assert.deepEqual(await ids('q=name-3'), ['s_3']);
    assert.deepEqual(await ids('state=busy'), []);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path: string = `/v1/sessions?limit=1${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
      const page: { items: Session[]; next: string | null } = (
        await api.ask<{ items: Session[]; next: string | null }>('GET', path)
      ).body;
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    }
    assert.deepEqual(seen, ['s_1', 's_2', 's_3']);
    for (const wrong of ['limit=0', 'limit=501', 'limit=x', 'state=gone']) {
      assert.equal((await api.ask('GET', `/v1/sessions?${wrong}`)).body.code, 'invalid_request', wrong);
    }
  });

  it('has a route: its owner, the gateways, and a link for a local proxy', async () => {
    await using api = await TestApi.start();
    const key = await api.tenant('acme');
    await api.node('g1', { role: 'gateway' });
    await api.claim(await api.node('w1'), 's_1', 'acme');
    const { body } = await api.ask<SessionRoute>('GET', '/v1/sessions/s_1/route', { key });
    assert.deepEqual(body.node, { id: 'w1', proxy: 'http://w1.test:3128', link: 'ws://w1.test:7000' });
    assert.deepEqual(body.gateways, [{ id: 'g1', proxy: 'http://g1.test:3128' }]);
    assert.deepEqual([body.session, body.state], ['s_1', 'idle']);
    const ticket = verifyTicket(secret, body.link.ticket, { node: 'w1', now: Date.now() });
    assert.deepEqual([ticket.kind, ticket.kind === 'edge' && ticket.sessionId], ['edge', 's_1']);
  });

  it('that is offline is told apart from one that is not there', async () => {
    await using api = await TestApi.start();
    const key = await api.tenant('acme');
    const worker = await api.node('w1');
    await api.claim(worker, 's_1', 'acme');
    await api.registry.leave(worker);
    const offline = await api.ask('GET', '/v1/sessions/s_1/route', { key });
    assert.deepEqual([offline.status, offline.body.code], [503, 'session_offline']);
    assert.ok(Number(offline.headers.get('retry-after')) > 0);
    assert.equal((await api.ask<Session>('GET', '/v1/sessions/s_1', { key })).body.state, 'offline');
    assert.deepEqual((await api.ask('GET', '/v1/sessions/s_1/connections', { key })).body.items, []);
    assert.equal((await api.ask('DELETE', '/v1/sessions/s_1', { key })).status, 204);
    assert.equal((await api.ask('GET', '/v1/sessions/s_2/route', { key })).body.code, 'session_not_found');
  });
});

describe('a PAC file', () => {
  it('opens with the token of its URL, lists every gateway and never goes direct', async () => {
    await using api = await TestApi.start();
    const key = await api.tenant('acme');
    const worker = await api.node('w1');
    await api.node('g1', { role: 'gateway' });
    await api.node('g2', { role: 'gateway', proxy: 'http://[::1]:3129' });
    const { body } = await api.ask<OpenedSession>('POST', '/v1/sessions', { key, body: { name: 'ci' } });
    const { pathname, search } = new URL(body.proxy.pac);
    const pac = await api.ask('GET', pathname + search, { key: '' });
    assert.equal(pac.status, 200);
    assert.equal(pac.headers.get('content-type'), 'application/x-ns-proxy-autoconfig');
    assert.match(pac.text, /return "PROXY g1\.test:3128; PROXY \[::1\]:3129";/);
    assert.doesNotMatch(pac.text, /DIRECT/);
    const offline = await api.ask('GET', `${pathname}${search}&via=direct`, { key: '' });
    assert.equal(offline.body.code, 'session_offline');
    await api.claim(worker, body.id, 'acme', 'ci');
    assert.match((await api.ask('GET', `${pathname}${search}&via=direct`, { key: '' })).text, /"PROXY w1\.test:3128"/);
    assert.match((await api.ask('GET', pathname, { key })).text, /PROXY g1/);
    for (const [path, given] of [
      [pathname, ''],
      [`${pathname}?token=x`, ''],
      [`/v1/sessions/s_2/proxy.pac${search}`, ''],
    ] as const) {
      assert.equal((await api.ask('GET', path, { key: given })).body.code, 'unauthenticated', path);
    }
  });

  it('takes nothing from the request or from an odd node into its script', async () => {
    await using api = await TestApi.start();
    await api.node('g1', { role: 'gateway' });
    await api.claim(await api.node('w1', { proxy: 'http://a";alert(1)//:1' }), 's_1', 'acme');
    const injection = encodeURIComponent('";alert(1)//');
    const plain = (await api.ask('GET', '/v1/sessions/s_1/proxy.pac')).text;
    const tried = await api.ask('GET', `/v1/sessions/s_1/proxy.pac?x=${injection}&token=${injection}`, {
      headers: { 'x-forwarded-host': '";alert(1)//' },
    });
    assert.equal(tried.text, plain);
    assert.equal((await api.ask('GET', `/v1/sessions/${injection}/proxy.pac`)).body.code, 'invalid_request');
    assert.equal((await api.ask('GET', '/v1/sessions/s_1/proxy.pac?via=direct')).body.code, 'internal');
  });
});
