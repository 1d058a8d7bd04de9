import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import { Registry } from '@culvert/registry';
import { ClusterSecret, createLogger, rootAdminKey } from '@culvert/service';
import { newApiKey } from './api-keys.ts';
import { secret, standInWorker, TestApi } from './testing/start-api.ts';

describe('keys', () => {
  it('each have their answer: missing, wrong, expired, revoked', async () => {
    let now = Date.now();
    await using api = await TestApi.start({ now: () => now });
    await api.ask('POST', '/v1/tenants', { body: { id: 'acme' } });
    const make = async (body: object) =>
      (await api.ask<{ id: string; key: string }>('POST', '/v1/tenants/acme/keys', { body })).body;
    const [short, dated, revoked, good] = [
      await make({ ttlSeconds: 60 }),
      await make({ expiresAt: new Date(now + 60_000).toISOString() }),
      await make({}),
      await make({ label: 'ci' }),
    ];
    assert.equal((await api.ask('DELETE', `/v1/tenants/acme/keys/${revoked.id}`)).status, 204);
    const code = async (key: string) => {
      const answer = await api.ask('GET', '/v1/sessions', { key });
      if (answer.status === 401) assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/);
      return answer.body.code ?? answer.status;
    };
    const foreign = rootAdminKey(ClusterSecret.parse('another secret that is long enough, too'));
    const swapped = good.key.replace(good.id, short.id);
    for (const key of ['', 'x', 'ck_', foreign, `${good.key}x`, swapped])
      assert.equal(await code(key), 'unauthenticated', key);
    assert.equal(await code(revoked.key), 'key_revoked');
    for (const { key } of [short, dated, good]) assert.equal(await code(key), 200);
    now += 60_000;
    for (const { key } of [short, dated]) assert.equal(await code(key), 'key_expired');
    assert.equal(await code(good.key), 200);
  });

  it('are told once, listed without their secrets, and stored as hashes only', async () => {
    await using api = await TestApi.start();
    await api.ask('POST', '/v1/tenants', { body: { id: 'acme' } });
    const { body } = await api.ask<{ id: string; key: string }>('POST', '/v1/tenants/acme/keys', {
      body: { label: 'ci' },
    });
    assert.match(body.key, new RegExp(`^ck_${body.id}_[0-9a-z]{32}$`));
    const part = body.key.split('_')[2] ?? '';
    const listed = await api.ask('GET', '/v1/tenants/acme/keys');
    assert.match(listed.text, /"label":"ci"/);
    for (const text of [listed.text, JSON.stringify(api.registry.settings.snapshot)]) assert.ok(!text.includes(part));
    assert.doesNotMatch(listed.text, /hash/);
  });

  it('may do what their role may do', async () => {
    await using api = await TestApi.start();
    await using worker = await standInWorker({
      'POST /drain': { status: 202 },
      'GET /blockers': { status: 200, body: { items: [] } },
    });
    await api.node('w1', { admin: worker.admin });
    const keys = {
      agent: await api.tenant('a', 'agent'),
      viewer: await api.tenant('d', 'viewer'),
      operator: await api.tenant('b', 'operator'),
      admin: await api.tenant('c', 'admin'),
    } as const;
    const roles = ['agent', 'viewer', 'operator', 'admin'] as const;
    for (const [method, path, least] of [
      ['GET', '/v1/sessions', 'agent'],
      ['GET', '/v1/nodes', 'viewer'],
      ['GET', '/v1/nodes/w1', 'viewer'],
      ['POST', '/v1/nodes/w1/cordon', 'operator'],
      ['POST', '/v1/nodes/w1/uncordon', 'operator'],
      ['POST', '/v1/nodes/w1/drain', 'operator'],
      ['GET', '/v1/nodes/w1/blockers', 'viewer'],
      ['GET', '/v1/tenants', 'viewer'],
      ['GET', '/v1/tenants/a', 'viewer'],
      ['POST', '/v1/tenants/a/keys', 'admin'],
      ['GET', '/v1/tenants/a/keys', 'viewer'],
      ['GET', '/v1/tenants/a/status-page', 'admin'],
      ['DELETE', '/v1/tenants/a/pin', 'admin'],
    ] as const) {
      for (const role of roles) {
        const { status, body } = await api.ask(method, path, { key: keys[role] });
        const may = roles.indexOf(role) >= roles.indexOf(least);
        if (may) assert.ok(status < 300, `${role} ${method} ${path} ${status}`);
        else assert.deepEqual([status, body.code], [403, 'forbidden'], `${role} ${method} ${path}`);
      }
    }
  });

  it('made at another API are known here at once', async () => {
    await using api = await TestApi.start();
    await api.ask('POST', '/v1/tenants', { body: { id: 'acme' } });
    await using other = Registry.connect({ url: api.redis.url, logger: silentLogger });
    await other.waitUntilAvailable();
    const { id, text, hash } = newApiKey();
    const times = { createdAt: 0, expiresAt: null, revokedAt: null };
    await other.settings.putKey({ id, tenant: 'acme', role: 'agent', hash, label: '', ...times });
    assert.equal((await api.ask('GET', '/v1/sessions', { key: text })).status, 200);
  });

  it('of a deleted tenant are unknown', async () => {
    await using api = await TestApi.start();
    const key = await api.tenant('acme');
    assert.equal((await api.ask('DELETE', '/v1/tenants/acme')).status, 204);
    assert.equal((await api.ask('GET', '/v1/sessions', { key })).body.code, 'unauthenticated');
    assert.equal((await api.ask('DELETE', '/v1/tenants/acme')).body.code, 'tenant_not_found');
  });
});

describe('tenants', () => {
  it('are created once, listed, pinned and unpinned', async () => {
    await using api = await TestApi.start();
    const made = await api.ask('POST', '/v1/tenants', { body: { id: 'acme', name: 'Acme', limits: { sessions: 5 } } });
    assert.equal(made.status, 201);
    const { createdAt, ...rest } = made.body;
    assert.deepEqual(rest, {
      id: 'acme',
      name: 'Acme',
      pool: null,
      whenFull: 'wait',
      spill: [],
      limits: { sessions: 5, connectionsPerSession: 1000 },
    });
    assert.ok(!Number.isNaN(Date.parse(String(createdAt))));
    assert.equal((await api.ask('POST', '/v1/tenants', { body: { id: 'acme' } })).body.code, 'tenant_exists');
    assert.equal((await api.ask('PUT', '/v1/tenants/acme/pin', { body: { pool: 'blue' } })).body.pool, 'blue');
    assert.deepEqual((await api.ask('GET', '/v1/tenants')).body, {
      items: [{ ...made.body, pool: 'blue', sessions: 0, keys: 0 }],
      next: null,
    });
    assert.equal((await api.ask('DELETE', '/v1/tenants/acme/pin')).status, 204);
    assert.equal((await api.ask('GET', '/v1/tenants/acme')).body.pool, null);
    for (const [method, path, code] of [
      ['PUT', '/v1/tenants/none/pin', 'tenant_not_found'],
      ['POST', '/v1/tenants/none/keys', 'tenant_not_found'],
      ['GET', '/v1/tenants/none/keys', 'tenant_not_found'],
      ['DELETE', '/v1/tenants/acme/keys/none', 'key_not_found'],
    ] as const) {
      const body = method === 'PUT' ? { pool: 'blue' } : method === 'POST' ? {} : undefined;
      assert.equal((await api.ask(method, path, { body })).body.code, code, path);
    }
  });
});

it('a secret never shows in the log', async () => {
  const lines: string[] = [];
  const logger = createLogger('debug', {}, { write: (line) => lines.push(line) });
  await using api = await TestApi.start({ logger });
  const key = await api.tenant('acme');
  await api.ask('GET', '/v1/sessions/s_1/proxy.pac?token=hunter2', { key });
  await api.ask('GET', '/v1/sessions', { key: rootAdminKey(secret) });
  const log = lines.join('');
  assert.match(log, /http\.request/);
  for (const hidden of [key.slice(12), 'hunter2', rootAdminKey(secret).slice(12)]) assert.ok(!log.includes(hidden));
});
