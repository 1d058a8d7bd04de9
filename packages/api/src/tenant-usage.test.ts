import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Logger } from '@culvert/base';
import { silentLogger } from '@culvert/base';
import type { Tenant, TenantList, TenantUsage } from '@culvert/contracts';
import { noCounts } from '@culvert/telemetry';
import { readUsage } from './tenant-usage.ts';
import { TestApi } from './testing/start-api.ts';

const lines: Record<string, unknown>[] = [];
const logger: Logger = { ...silentLogger, info: (fields) => void lines.push(fields as Record<string, unknown>) };

describe('what a tenant may, and uses', () => {
  let api: TestApi;
  before(async () => {
    api = await TestApi.start({ logger });
  });
  after(() => api[Symbol.asyncDispose]());

  const usage = async (id: string): Promise<TenantUsage> => {
    const { status, body, text } = await api.ask<TenantUsage>('GET', `/v1/tenants/${id}/usage`);
    assert.equal(status, 200, text);
    return body;
  };

  it('is what was claimed, by state and by node', async () => {
    await api.tenant('acme');
    await api.tenant('acme2'); // its sessions stand next to those of acme
    const [a, b] = [await api.node('w1'), await api.node('w2')];
    for (const id of ['s1', 's2', 's3']) await api.claim(a, id, 'acme');
    await api.claim(b, 's4', 'acme');
    await api.claim(b, 'other', 'acme2');
    const epoch = async (id: string) => (await api.registry.getSession(id))?.epoch ?? 0;
    const bytes = { bytesIn: 1, bytesOut: 2 };
    await api.registry.updateSessions(a, [
      { sessionId: 's1', epoch: await epoch('s1'), state: 'busy', connections: 3, ...bytes },
      { sessionId: 's2', epoch: await epoch('s2'), state: 'busy', connections: 7, ...bytes },
      { sessionId: 's3', epoch: await epoch('s3'), state: 'offline', connections: 0, ...bytes },
    ]);
    const counts = { ...noCounts(), opened: 40, failed: 2, excused: 5, lost: 1 };
    const startMs = Date.now() - (Date.now() % 60_000);
    const bucket = { span: 'minute', startMs, tenant: 'acme', counts } as const;
    await api.registry.sli.writeSli({ node: 'g1', boot: 'b' }, [
      { ...bucket, source: 'real' },
      { ...bucket, source: 'synthetic' },
    ]);

    const { at, ...used } = await usage('acme');
    assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000);
    assert.deepEqual(used, {
      tenant: 'acme',
      sessions: { total: 4, counted: 4, idle: 1, busy: 2, offline: 1 },
      connections: 10,
      busiest: { session: 's2', connections: 7 },
      lastHour: { opened: 40, failed: 2, excused: 5, lost: 1, bytesIn: null, bytesOut: null },
      nodes: [
        { node: 'w1', sessions: 3 },
        { node: 'w2', sessions: 1 },
      ],
    });
    const { items } = (await api.ask<TenantList>('GET', '/v1/tenants')).body;
    assert.deepEqual(items.map(({ id, sessions, keys }) => [id, sessions, keys]).toSorted(), [
      ['acme', 4, 1],
      ['acme2', 1, 1],
    ]);
  });

  it('is nothing for a tenant that has none, and unknown of one that is not there', async () => {
    await api.tenant('quiet');
    const { sessions, busiest, nodes } = await usage('quiet');
    assert.deepEqual([sessions, busiest, nodes], [{ total: 0, counted: 0, idle: 0, busy: 0, offline: 0 }, null, []]);
    assert.equal((await api.ask('GET', '/v1/tenants/nobody/usage')).body.code, 'tenant_not_found');
  });

  it('is worked out with bounded work: of very many sessions some are looked at, and it says so', async () => {
    const session = { id: 's', state: 'idle', node: 'w1', connections: 0 } as const;
    let pages = 0;
    const endless = {
      countSessions: async () => new Map([['huge', 1_000_000]]),
      listSessions: async () => {
        pages += 1;
        return { items: new Array(500).fill(session), next: 'more' };
      },
      sli: api.registry.sli,
    };
    const { sessions } = await readUsage(endless, 'huge', Date.now());
    assert.deepEqual([sessions.total, sessions.counted, sessions.idle], [1_000_000, 20_000, 20_000]);
    assert.equal(pages, 40);
  });

  it('is changed with what is named, and in force for the next session at once', async () => {
    const key = await api.tenant('small', 'agent', { sessions: 1 });
    const node = await api.node('w1');
    await api.claim(node, 'small-1', 'small');
    await assert.rejects(api.claim(node, 'small-2', 'small'), /limit_exceeded/);
    const opens = async () => (await api.ask('POST', '/v1/sessions', { key, body: { name: 'two' } })).status;
    assert.equal(await opens(), 429);

    const changed = await api.ask<Tenant>('PATCH', '/v1/tenants/small', { body: { limits: { sessions: 2 } } });
    assert.deepEqual([changed.status, changed.body.limits], [200, { sessions: 2, connectionsPerSession: 1_000 }]);
    assert.equal(await opens(), 201);
    await api.claim(node, 'small-2', 'small');
    const renamed = await api.ask<Tenant>('PATCH', '/v1/tenants/small', { body: { name: 'Small & Co' } });
    assert.deepEqual([renamed.body.name, renamed.body.limits.sessions], ['Small & Co', 2]);

    // Lower than what is there: what is open stays, nothing new comes in.
    await api.ask('PATCH', '/v1/tenants/small', { body: { limits: { sessions: 0, connectionsPerSession: 5 } } });
    assert.equal((await usage('small')).sessions.total, 2);
    await assert.rejects(api.claim(node, 'small-3', 'small'), /limit_exceeded/);
    const told = lines.filter(({ event }) => event === 'tenant.changed');
    assert.deepEqual(
      told.map(({ tenant_id, key_id, sessions }) => [tenant_id, key_id, sessions]),
      [2, 2, 0].map((sessions) => ['small', 'root', sessions]),
    );
  });

  it('is changed by admins only, and not to nonsense', async () => {
    const operator = await api.tenant('ours', 'operator');
    const change = (body: unknown, key?: string) =>
      api.ask('PATCH', '/v1/tenants/ours', { body, ...(key === undefined ? {} : { key }) });
    assert.equal((await change({ name: 'x' }, operator)).status, 403);
    for (const body of [{}, { limits: { sessions: -1 } }, { limits: { session: 1 } }, { pool: 'x' }, { name: '' }]) {
      assert.equal((await change(body)).status, 400, JSON.stringify(body));
    }
    assert.equal((await api.ask('PATCH', '/v1/tenants/nobody', { body: { name: 'x' } })).status, 404);
    const { body } = await api.ask<Tenant>('GET', '/v1/tenants/ours');
    assert.deepEqual([body.name, body.limits.sessions], ['ours', 1_000]);
  });

  it('is listed without a count while Redis is away: the settings are known all the same', async () => {
    await api.tenant('known');
    await api.redis.stop();
    const { status, body } = await api.ask<TenantList>('GET', '/v1/tenants');
    const known = body.items.find(({ id }) => id === 'known');
    assert.deepEqual([status, known?.sessions, known?.keys], [200, null, 1]);
    assert.equal((await api.ask('GET', '/v1/tenants/known/usage')).body.code, 'registry_unavailable');
  });
});
