import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Blocker, ClusterNode } from '@culvert/contracts';
import { createLogger, rootAdminKey } from '@culvert/service';
import { type StandInWorker, secret, standInWorker, TestApi } from './testing/start-api.ts';

const KEY = rootAdminKey(secret);

const direct: Blocker = {
  ...{ kind: 'connection', session: 's_1', tenant: 'acme', name: 'ci', connection: 'c_1', target: 'app:443' },
  ...{ reason: 'direct', since: '2026-01-01T00:00:00.000Z', detail: 'Its browser closes it.' },
};
const idle: Blocker = { ...direct, kind: 'session', connection: null, target: null, name: null, reason: 'no_target' };

function drainable(): Promise<StandInWorker> {
  return standInWorker({ 'POST /drain': { status: 202, body: {} } });
}

describe('draining a worker', () => {
  it('cordons it, then tells it to, and can be repeated', async () => {
    await using worker = await drainable();
    const lines: string[] = [];
    const logger = createLogger('info', {}, { write: (line) => lines.push(line) });
    await using api = await TestApi.start({ logger });
    const operator = await api.tenant('ops', 'operator');
    await api.node('w1', { admin: worker.admin });
    const first = await api.ask<ClusterNode>('POST', '/v1/nodes/w1/drain', { key: operator });
    assert.deepEqual([first.status, first.body.id, first.body.cordoned], [202, 'w1', true]);
    const again = await api.ask('POST', '/v1/nodes/w1/drain', { key: operator, body: { policy: 'wait' } });
    assert.equal(again.status, 202);
    assert.deepEqual(worker.asked, [
      `POST /drain Bearer ${KEY} {"policy":"move"}`,
      `POST /drain Bearer ${KEY} {"policy":"wait"}`,
    ]);
    assert.match(lines.join(''), /"event":"node\.drain","target_node_id":"w1","policy":"wait"/);
    const back = await api.ask<ClusterNode>('POST', '/v1/nodes/w1/uncordon', { key: operator });
    assert.deepEqual([back.status, back.body.cordoned, back.body.state], [200, false, 'ready']);
  });

  it('has the cordon in force before the worker hears of it', async () => {
    await using api = await TestApi.start();
    let seen: boolean | undefined;
    await using worker = await standInWorker({
      'POST /drain': {
        status: 202,
        before: async () => {
          seen = (await api.registry.getNode('w1'))?.cordoned;
        },
      },
    });
    await api.node('w1', { admin: worker.admin });
    assert.equal((await api.ask('POST', '/v1/nodes/w1/drain')).status, 202);
    assert.equal(seen, true);
  });

  it('is asked of the worker once for each Idempotency-Key', async () => {
    await using worker = await drainable();
    await using api = await TestApi.start();
    await api.node('w1', { admin: worker.admin });
    const drain = () => api.ask('POST', '/v1/nodes/w1/drain', { headers: { 'idempotency-key': 'k1' } });
    const [first, again] = [await drain(), await drain()];
    assert.deepEqual([again.status, again.text], [first.status, first.text]);
    assert.equal(again.headers.get('idempotency-replayed'), 'true');
    assert.equal(worker.asked.length, 1);
  });

  it('is refused for what is no living worker, and then cordons nothing', async () => {
    await using api = await TestApi.start();
    const gateway = await api.node('g1', { role: 'gateway' });
    await api.registry.leave(await api.node('left'));
    const dead = await api.deadNode('dead');
    for (const [id, status, code] of [
      ['none', 404, 'node_not_found'],
      ['left', 404, 'node_not_found'],
      [gateway.id, 400, 'invalid_request'],
      [dead.id, 502, 'node_unreachable'],
    ] as const) {
      for (const [method, path] of [
        ['POST', 'drain'],
        ['GET', 'blockers'],
      ] as const) {
        const refused = await api.ask(method, `/v1/nodes/${id}/${path}`);
        assert.deepEqual([refused.status, refused.body.code], [status, code], `${id} ${path}`);
      }
    }
    const nodes = await api.registry.listNodes();
    assert.deepEqual(
      nodes.map(({ id, cordoned }) => [id, cordoned]),
      [
        ['dead', false],
        ['g1', false],
      ],
    );
  });

  it('refuses a policy that there is not', async () => {
    await using worker = await drainable();
    await using api = await TestApi.start();
    await api.node('w1', { admin: worker.admin });
    for (const body of [{ policy: 'kill' }, { policy: null }, [], 'x']) {
      const refused = await api.ask('POST', '/v1/nodes/w1/drain', { body });
      assert.deepEqual([refused.status, refused.body.code], [400, 'invalid_request'], JSON.stringify(body));
    }
    assert.deepEqual(worker.asked, []);
    assert.equal((await api.registry.getNode('w1'))?.cordoned, false);
  });

  it('tells when the worker does not answer, or not well; the cordon stays', async () => {
    await using silent = await standInWorker({});
    await using older = await standInWorker({ 'POST /drain': { status: 404, body: { code: 'not_found' } } });
    await using refusing = await standInWorker({ 'POST /drain': { status: 401, body: { code: 'unauthenticated' } } });
    await using broken = await standInWorker({
      'POST /drain': { status: 503, body: { code: 'shutting_down', detail: 'stops' } },
    });
    await using api = await TestApi.start();
    for (const [worker, status, code] of [
      [silent, 502, 'node_unreachable'],
      [older, 502, 'node_unreachable'],
      [refusing, 502, 'node_unreachable'],
      [broken, 503, 'shutting_down'],
    ] as const) {
      await api.node('w1', { admin: worker.admin });
      const refused = await api.ask('POST', '/v1/nodes/w1/drain');
      assert.deepEqual([refused.status, refused.body.code], [status, code]);
      assert.match(String(refused.body.fix), /cordoned now/);
      const node = await api.ask<ClusterNode>('GET', '/v1/nodes/w1');
      assert.equal(node.body.cordoned, true);
    }
  });
});

describe('the blockers of a worker', () => {
  it('are what it says it waits for', async () => {
    const items = [direct, idle];
    await using worker = await standInWorker({ 'GET /blockers': { status: 200, body: { items } } });
    await using api = await TestApi.start();
    const operator = await api.tenant('ops', 'operator');
    await api.node('w1', { admin: worker.admin });
    const answer = await api.ask('GET', '/v1/nodes/w1/blockers', { key: operator });
    assert.deepEqual([answer.status, answer.body], [200, { items, next: null }]);
    assert.deepEqual(worker.asked, [`GET /blockers Bearer ${KEY}`]);
  });

  it('are not passed on when they are something else', async () => {
    for (const body of [{}, [], { items: [{ ...direct, reason: 'because' }] }, { items: [{ ...direct, since: 5 }] }]) {
      await using worker = await standInWorker({ 'GET /blockers': { status: 200, body } });
      await using api = await TestApi.start();
      await api.node('w1', { admin: worker.admin });
      const refused = await api.ask('GET', '/v1/nodes/w1/blockers');
      assert.deepEqual([refused.status, refused.body.code], [502, 'node_unreachable'], JSON.stringify(body));
    }
  });
});
