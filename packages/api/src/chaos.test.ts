import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import type { ChaosRun } from '@culvert/contracts';
import { ChaosClient, rootAdminKey } from '@culvert/service';
import { Conductor } from './chaos/conductor.ts';
import { randomOf } from './chaos/targets.ts';
import { secret, TestApi } from './testing/start-api.ts';

const KILL = { steps: [{ fault: { type: 'kill', target: { node: 'worker-1' } } }] };

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

describe('rehearsals of failures', { timeout: 60_000 }, () => {
  let api: TestApi;
  let node: Server;
  let conductor: Conductor;
  /** What the node is asked, and what it answers: 404 while it does not allow anything. */
  const asked: string[] = [];
  let allowed = false;
  before(async () => {
    node = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const status = allowed ? 200 : 404;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(allowed ? { allowed: true, active: null } : { code: 'not_found' }));
    }).listen(0, '127.0.0.1');
    await once(node, 'listening');
    let made: Conductor | undefined;
    api = await TestApi.start({
      chaos: (registry) => {
        const client = new ChaosClient({ key: rootAdminKey(secret), deadlineMs: 500 });
        made = new Conductor({ registry, client, restartRedis: undefined, holder: 'api-1#x', logger: silentLogger });
        return made;
      },
    });
    assert.ok(made);
    conductor = made;
    const address = node.address();
    assert.ok(address !== null && typeof address === 'object');
    await api.node('worker-1', { admin: `http://127.0.0.1:${address.port}` });
  });
  after(async () => {
    await conductor.close();
    node.close();
    await api[Symbol.asyncDispose]();
  });

  it('are refused on a node that does not allow them, with the fix', async () => {
    const { status, body } = await api.ask('POST', '/v1/chaos', { body: KILL });
    assert.deepEqual([status, body.code], [403, 'chaos_not_allowed']);
    assert.match(String(body.fix), /--chaos/);
    assert.deepEqual(asked, ['GET /chaos']);
  });

  it('are refused where nobody has told how to restart Redis', async () => {
    const { status, body } = await api.ask('POST', '/v1/chaos', {
      body: { steps: [{ fault: { type: 'restart_redis' } }] },
    });
    assert.deepEqual([status, body.code], [403, 'chaos_not_allowed']);
    assert.match(String(body.fix), /--chaos-redis-command/);
  });

  it('are refused with faults that have no bound', async () => {
    const fault = { type: 'freeze', target: { role: 'worker' }, durationMs: 60_001 };
    assert.equal((await api.ask('POST', '/v1/chaos', { body: { steps: [{ fault }] } })).status, 400);
    assert.equal((await api.ask('POST', '/v1/chaos', { body: { steps: [] } })).status, 400);
  });

  it('run one at a time, once for one Idempotency-Key, and are stopped by whoever asks', async () => {
    allowed = true;
    const fault = { type: 'cut', target: { node: 'worker-1' }, from: 'both', durationMs: 600_000 };
    const ask = { body: { steps: [{ fault }] }, headers: { 'idempotency-key': 'once' } };
    const first = await api.ask<ChaosRun>('POST', '/v1/chaos', ask);
    assert.equal(first.status, 202, first.text);
    assert.equal((await api.ask<ChaosRun>('POST', '/v1/chaos', ask)).body.id, first.body.id);
    assert.equal((await api.ask('POST', '/v1/chaos', { body: KILL })).body.code, 'chaos_active');
    while (!asked.includes('POST /chaos')) await turn();
    await api.ask('DELETE', `/v1/chaos/${first.body.id}`);
    let run = first.body;
    while (run.state === 'running') run = (await api.ask<ChaosRun>('GET', `/v1/chaos/${run.id}`)).body;
    assert.equal(run.state, 'stopped');
    assert.equal(asked.at(-1), 'DELETE /chaos', 'what it has begun is ended');
    const { items } = (
      await api.ask<{ items: { type: string }[] }>('GET', '/v1/events?format=json&order=asc&types=chaos.*')
    ).body;
    assert.deepEqual(
      items.map(({ type }) => type),
      ['chaos.started', 'chaos.fault', 'chaos.ended'],
    );
  });

  it('go on with another API when theirs ends', async () => {
    asked.length = 0;
    const fault = { type: 'cut', target: { node: 'worker-1' }, from: 'redis', durationMs: 600_000 };
    const { id } = (await api.ask<ChaosRun>('POST', '/v1/chaos', { body: { steps: [{ fault }], force: true } })).body;
    const look = async (): Promise<ChaosRun> => (await api.ask<ChaosRun>('GET', `/v1/chaos/${id}`)).body;
    while ((await look()).steps[0]?.state !== 'active' || !asked.includes('POST /chaos')) await turn();
    await conductor.close();
    const client = new ChaosClient({ key: rootAdminKey(secret), deadlineMs: 500 });
    const { registry } = api;
    const next = new Conductor({ registry, client, restartRedis: undefined, holder: 'api-2#y', logger: silentLogger });
    next.start();
    try {
      await api.ask('DELETE', `/v1/chaos/${id}`);
      while ((await look()).state === 'running') await turn();
      assert.equal((await look()).state, 'stopped');
      assert.equal(asked.at(-1), 'DELETE /chaos');
    } finally {
      await next.close();
    }
  });

  it('choose by their seed', () => {
    const draw = (seed: number): number[] => Array.from({ length: 5 }, randomOf(seed));
    assert.deepEqual(draw(7), draw(7));
    assert.notDeepEqual(draw(7), draw(8));
    assert.ok(draw(9).every((one) => one >= 0 && one < 1));
  });
});

describe('an API that does not allow rehearsals', { timeout: 60_000 }, () => {
  it('says so', async () => {
    const api = await TestApi.start();
    try {
      const { status, body } = await api.ask('POST', '/v1/chaos', { body: KILL });
      assert.deepEqual([status, body.code], [403, 'chaos_not_allowed']);
      assert.deepEqual((await api.ask('GET', '/v1/chaos')).body.items, []);
    } finally {
      await api[Symbol.asyncDispose]();
    }
  });
});
