import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { DrainPreview, DrainReport } from '@culvert/contracts';
import { standInWorker, TestApi } from './testing/start-api.ts';

const REPORT: DrainReport = {
  ...{ state: 'off', stage: null, policy: null, deployment: null, fence: 0, orders: [] },
  ...{ idle: 3, busy: 1, connections: 2, direct: 1, longestMs: 38_000, unmovable: 0, sessions: [] },
};

describe('the preview of a drain', () => {
  let api: TestApi;
  before(async () => {
    api = await TestApi.start();
  });
  after(() => api[Symbol.asyncDispose]());

  it('is made of what the worker and the registry say, for whoever may look, and changes nothing', async () => {
    await using worker = await standInWorker({ 'GET /drain': { status: 200, body: REPORT } });
    await api.node('w1', { admin: worker.admin, pool: 'eu' }, 4);
    await api.node('w2', { pool: 'eu', capacity: 10 }, 7);
    const key = await api.tenant('ops', 'viewer');
    const { status, body } = await api.ask<DrainPreview>('GET', '/v1/nodes/w1/drain-preview', { key });
    assert.equal(status, 200);
    const { warnings, ...told } = body;
    assert.deepEqual(told, {
      ...{ node: 'w1', idle: 3, busy: 1, connections: 2, longestMs: 38_000, direct: 1 },
      targets: [{ node: 'w2', room: 3 }],
      summary: '3 idle, 1 busy, longest 38 s; 1 on direct addresses will be waited for',
    });
    assert.equal(warnings.length, 2, warnings.join());
    assert.equal((await api.registry.getNode('w1'))?.cordoned, false);
    assert.equal(worker.asked.length, 1);
  });

  it('names the tenants that are pinned to a pool without another worker', async () => {
    await using worker = await standInWorker({ 'GET /drain': { status: 200, body: { ...REPORT, direct: 0 } } });
    await api.node('w3', { admin: worker.admin, pool: 'us' });
    await api.tenant('acme');
    await api.ask('PUT', '/v1/tenants/acme/pin', { body: { pool: 'us' } });
    const { body } = await api.ask<DrainPreview>('GET', '/v1/nodes/w3/drain-preview');
    assert.match(body.warnings.join('\n'), /^No other worker of the pool us.*\nPinned to the pool us.*: acme\.$/);
  });

  it('is refused for what is no living worker, and for one that does not answer as it should', async () => {
    await using worker = await standInWorker({ 'GET /drain': { status: 200, body: { state: 'off' } } });
    await api.node('odd', { admin: worker.admin });
    await api.node('g1', { role: 'gateway' });
    for (const [id, status, code] of [
      ['none', 404, 'node_not_found'],
      ['g1', 400, 'invalid_request'],
      ['odd', 502, 'node_unreachable'],
    ] as const) {
      const refused = await api.ask('GET', `/v1/nodes/${id}/drain-preview`);
      assert.deepEqual([refused.status, refused.body.code], [status, code], id);
    }
  });
});
