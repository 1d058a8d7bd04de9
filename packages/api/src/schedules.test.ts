import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CANARY_TENANT, type MaintenanceWindow, type Schedule, type ScheduleList } from '@culvert/contracts';
import { runIdOf, type ScheduleRun } from '@culvert/service';
import { TestApi } from './testing/start-api.ts';

const NIGHTLY = { cron: '0 2 * * *', timezone: 'Europe/Berlin', rehearsal: {} };

let now = Date.parse('2026-01-05T03:00:00Z');
let api: TestApi;
before(async () => {
  api = await TestApi.start({ now: () => now });
});
after(() => api[Symbol.asyncDispose]());

describe('a schedule', () => {
  it('is put, listed with what came of it, changed and deleted', async () => {
    const made = await api.ask<Schedule>('PUT', '/v1/schedules/night', { body: NIGHTLY });
    const { createdAt, ...fields } = made.body;
    assert.deepEqual(
      [made.status, fields],
      [
        200,
        {
          ...{ id: 'night', cron: '0 2 * * *', timezone: 'Europe/Berlin', rehearsal: {}, deployment: null },
          ...{ nextAt: null, lastAt: null, lastDeployment: null, lastError: null },
        },
      ],
    );
    const run: ScheduleRun = {
      ...{ createdAt, nextAt: '2026-01-02T01:00:00.000Z', lastAt: '2026-01-01T01:00:00.000Z' },
      ...{ lastDeployment: 'd_1', lastError: null },
    };
    await api.registry.deployments.putDocument('schedule', runIdOf('night'), run);
    const listed = await api.ask<ScheduleList>('GET', '/v1/schedules');
    assert.deepEqual(listed.body, { items: [{ ...made.body, ...run }], next: null });
    const body = { cron: '0 3 * * *', deployment: { version: '2' } };
    const changed = await api.ask<Schedule>('PUT', '/v1/schedules/night', { body });
    assert.deepEqual([changed.body.timezone, changed.body.nextAt, changed.body.lastDeployment], ['UTC', null, 'd_1']);
    assert.equal((await api.ask('DELETE', '/v1/schedules/night')).status, 204);
    assert.deepEqual([...(await api.registry.deployments.documents('schedule')).keys()], []);
    for (const method of ['GET', 'DELETE']) {
      const gone = await api.ask(method, '/v1/schedules/night');
      assert.deepEqual([gone.status, gone.body.code], [404, 'not_found']);
    }
  });

  it('that is posted gets an id, and does not have the past of one of the same id', async () => {
    const { status, body } = await api.ask<Schedule>('POST', '/v1/schedules', { body: NIGHTLY });
    assert.deepEqual([status, (await api.ask('GET', `/v1/schedules/${body.id}`)).body], [201, body]);
    const past = {
      createdAt: '2020-01-01T00:00:00.000Z',
      nextAt: null,
      lastAt: null,
      lastDeployment: 'd_0',
      lastError: 'x',
    };
    await api.registry.deployments.putDocument('schedule', runIdOf(body.id), past);
    assert.equal((await api.ask<Schedule>('GET', `/v1/schedules/${body.id}`)).body.lastDeployment, null);
    assert.equal((await api.ask('DELETE', `/v1/schedules/${body.id}`)).status, 204);
  });

  it('is refused now for what would be refused when its time comes', async () => {
    const cases: [object, RegExp][] = [
      [{ cron: 'every day at two', rehearsal: {} }, /^cron:/],
      [{ cron: '0 2 * * *', timezone: 'Moon/Base', rehearsal: {} }, /^timezone:/],
      [{ cron: '0 2 * * *' }, /^Either/],
      [{ ...NIGHTLY, deployment: { version: '2' } }, /^Either/],
      [{ cron: '0 2 * * *', deployment: { version: '2', surge: 1 } }, /^surge:/],
      [{ cron: '0 2 * * *', deployment: { version: '2', dryRun: true } }, /^dryRun:/],
    ];
    for (const [body, detail] of cases) {
      const refused = await api.ask('PUT', '/v1/schedules/x', { body });
      assert.deepEqual([refused.status, refused.body.code], [400, 'invalid_request'], JSON.stringify(body));
      assert.match(String(refused.body.detail), detail);
    }
    assert.equal(
      (await api.ask('PUT', '/v1/schedules/x', { body: { ...NIGHTLY, rehearsal: { node: 'w-9' } } })).status,
      404,
    );
    assert.deepEqual((await api.ask<ScheduleList>('GET', '/v1/schedules')).body.items, []);
  });
});

describe('a maintenance window', () => {
  it('tells whether it is open, and since when or until when', async () => {
    const body = { cron: '0 2 * * *', forMs: 2 * 3_600_000, pool: 'blue' };
    const made = await api.ask<MaintenanceWindow>('PUT', '/v1/windows/night', { body });
    const about = { id: 'night', cron: '0 2 * * *', timezone: 'UTC', forMs: 7_200_000, pool: 'blue' };
    const open = { open: true, opensAt: null, closesAt: '2026-01-05T04:00:00.000Z' };
    assert.deepEqual([made.status, made.body], [200, { ...about, ...open }]);
    now += 3_600_000;
    const closed = { open: false, opensAt: '2026-01-06T02:00:00.000Z', closesAt: null };
    assert.deepEqual((await api.ask('GET', '/v1/windows/night')).body, { ...about, ...closed });
    assert.deepEqual((await api.ask('GET', '/v1/windows')).body, { items: [{ ...about, ...closed }], next: null });
    assert.equal((await api.ask('PUT', '/v1/windows/x', { body: { ...body, cron: '0 2 * * * *' } })).status, 400);
    assert.equal((await api.ask('DELETE', '/v1/windows/night')).status, 204);
    assert.equal((await api.ask('DELETE', '/v1/windows/night')).status, 404);
    assert.equal((await api.ask('GET', '/v1/windows/night')).status, 404);
  });
});

describe('the tenant of the deploy worker', () => {
  it('can be neither created nor deleted', async () => {
    const made = await api.ask('POST', '/v1/tenants', { body: { id: CANARY_TENANT } });
    assert.deepEqual([made.status, made.body.code], [400, 'invalid_request']);
    const gone = await api.ask('DELETE', `/v1/tenants/${CANARY_TENANT}`);
    assert.deepEqual([gone.status, gone.body.code], [400, 'invalid_request']);
  });
});
