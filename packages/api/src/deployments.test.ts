import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { randomId } from '@culvert/base';
import type { Deployment, DeploymentForecast, DeploymentList, DeploymentWhy } from '@culvert/contracts';
import type { StoredDeployment } from '@culvert/registry';
import type { DeploymentView } from '@culvert/service';
import { TestApi } from './testing/start-api.ts';

const BODY = { version: '2.0.0' };

let api: TestApi;
before(async () => {
  api = await TestApi.start();
});
after(() => api[Symbol.asyncDispose]());
afterEach(async () => {
  const { deployments } = api.registry;
  for (let one = await deployments.active(); one !== undefined; one = await deployments.active())
    await end(api, one.id);
  await leave();
});

/** A deploy worker is alive, as far as the registry knows; each time another life of it. */
async function attend(): Promise<void> {
  const { id, boot } = await api.node('deployer-1', { role: 'deployer', boot: randomId('b') });
  leave = () => api.registry.leave({ id, boot });
}
let leave = async (): Promise<void> => undefined;

/** Does what a deploy worker would do: changes what is stored in one commit. */
async function commit(api: TestApi, id: string, change: (view: DeploymentView) => Partial<StoredDeployment>) {
  const { deployments } = api.registry;
  const lease = await deployments.lease('test', 10_000);
  const record = await deployments.get(id);
  assert.ok(lease && record);
  const changed = { ...record, ...change(record.view as DeploymentView), revision: record.revision + 1 };
  const told = { expected: record.revision, fence: lease.fence, commands: [], events: [] };
  assert.equal(await deployments.commit({ record: changed, ...told }), 'ok');
  await deployments.letGo(lease);
}

const end = (api: TestApi, id: string) =>
  commit(api, id, ({ deployment, why }) => ({
    ...{ state: 'succeeded', over: true },
    view: { deployment: { ...deployment, state: 'succeeded' }, why },
  }));

describe('asking for a deployment', () => {
  it('stores it with every default, for a deploy worker to take up', async () => {
    await attend();
    const operator = await api.tenant('ops', 'operator');
    const made = await api.ask<Deployment>('POST', '/v1/deployments', { key: operator, body: BODY });
    assert.equal(made.status, 202, made.text);
    const { id, state, request, reason, nodes } = made.body;
    assert.deepEqual([state, reason, nodes], ['pending', 'waits for its first tick', []]);
    assert.deepEqual(request, {
      ...{ kind: 'release', version: '2.0.0', role: 'worker', pool: 'default', node: null, strategy: 'rolling' },
      ...{ policy: 'move', batch: 1, surge: 0, canary: null, analyzeMs: 2_000, keepWarmMs: 0, deadlineMs: 600_000 },
      ...{ onDeadline: 'pause', hold: false, queue: false, inWindow: false, dryRun: false },
      provider: { kind: 'process' },
    });
    const stored = await api.registry.deployments.get(id);
    assert.deepEqual(
      [stored?.revision, stored?.over, stored?.core],
      [1, false, { request, createdBy: made.body.createdBy }],
    );
    assert.deepEqual((await api.ask('GET', `/v1/deployments/${id}`, { key: operator })).body, made.body);
    const listed = await api.ask<DeploymentList>('GET', '/v1/deployments', { key: operator });
    assert.deepEqual(listed.body, { items: [made.body], next: null });
  });

  it('says so when no deploy worker is there to do it', async () => {
    const made = await api.ask<Deployment>('POST', '/v1/deployments', { body: BODY });
    assert.deepEqual([made.status, made.body.reason], [202, 'no deploy worker is running']);
    const why = await api.ask<DeploymentWhy>('GET', `/v1/deployments/${made.body.id}/why`);
    assert.deepEqual(
      why.body.reasons.map(({ code }) => code),
      ['no_deploy_worker'],
    );
  });

  it('is refused while another is under way, unless it may wait', async () => {
    const { body } = await api.ask<Deployment>('POST', '/v1/deployments', { body: BODY });
    const refused = await api.ask('POST', '/v1/deployments', { body: BODY });
    assert.deepEqual([refused.status, refused.body.code], [409, 'deployment_active']);
    assert.match(String(refused.body.detail), new RegExp(body.id));
    assert.equal((await api.ask('POST', '/v1/deployments', { body: { ...BODY, queue: true } })).status, 202);
  });

  it('makes one deployment for each Idempotency-Key', async () => {
    const ask = () =>
      api.ask<Deployment>('POST', '/v1/deployments', { body: BODY, headers: { 'idempotency-key': 'k' } });
    const [first, again] = [await ask(), await ask()];
    assert.deepEqual([again.status, again.body.id], [202, first.body.id]);
  });

  it('is for operators, and code of one’s own choice for admins', async () => {
    const [agent, operator] = [await api.tenant('acme'), await api.tenant('ops', 'operator')];
    for (const [method, path] of [
      ['POST', '/v1/deployments'],
      ['GET', '/v1/deployments'],
      ['POST', '/v1/deployments/d_1/force'],
      ['GET', '/v1/schedules'],
      ['GET', '/v1/windows'],
    ] as const) {
      const body = method === 'POST' ? { body: BODY } : {};
      assert.equal((await api.ask(method, path, { key: agent, ...body })).status, 403, path);
    }
    const body = { ...BODY, provider: { kind: 'process', directory: '/srv/culvert-2' } };
    assert.equal((await api.ask('POST', '/v1/deployments', { key: operator, body })).status, 403);
    const schedule = { cron: '0 2 * * *', deployment: body };
    assert.equal((await api.ask('PUT', '/v1/schedules/x', { key: operator, body: schedule })).status, 403);
    assert.equal((await api.ask('POST', '/v1/deployments', { body })).status, 202);
  });

  it('is refused, with the field that is wrong, when it contradicts itself', async () => {
    const cases: [object, RegExp][] = [
      [{ strategy: 'canary' }, /^canary:/],
      [{ canary: { percent: 5, analyzeMs: 0 } }, /^canary:/],
      [{ strategy: 'canary', canary: { analyzeMs: 0 } }, /percent or tenants is missing/],
      [{ strategy: 'canary', canary: { percent: 5, tenants: ['acme'], analyzeMs: 0 } }, /not both/],
      [{ surge: 2 }, /^surge:/],
      [{ keepWarmMs: 1 }, /^keepWarmMs:/],
      [{ role: 'gateway', strategy: 'surge' }, /gateway/],
      [{ role: 'api', analyzeMs: 5 }, /api/],
      [{ dryRun: true, queue: true }, /^queue:/],
      [{ provider: { kind: 'exec', directory: '/x' } }, /^provider\.directory:/],
      [{ provider: { kind: 'kubernetes' }, version: '1.0.0+x' }, /^version: it is an image's tag/],
      [{ version: '' }, /version/],
      [{ batch: 0 }, /batch/],
    ];
    for (const [body, detail] of cases) {
      const refused = await api.ask('POST', '/v1/deployments', { body: { ...BODY, ...body } });
      assert.deepEqual([refused.status, refused.body.code], [400, 'invalid_request'], JSON.stringify(body));
      assert.match(String(refused.body.detail), detail);
    }
    assert.equal(await api.registry.deployments.active(), undefined);
  });
});

describe('a rehearsal', () => {
  it('is of the pool of the worker that it names', async () => {
    await api.node('w-1', { pool: 'blue' });
    await api.node('gateway-1', { role: 'gateway' });
    const rehearse = (body?: object) => api.ask<Deployment>('POST', '/v1/deployments/rehearse', { body });
    assert.deepEqual((await rehearse({ node: 'w-9' })).status, 404);
    assert.deepEqual((await rehearse({ node: 'gateway-1' })).status, 400);
    assert.deepEqual((await rehearse({ node: 'w-1', pool: 'red' })).status, 400);
    const { status, body } = await rehearse({ node: 'w-1' });
    const { kind, node, pool, deadlineMs, onDeadline } = body.request;
    assert.deepEqual(
      [status, kind, node, pool, deadlineMs, onDeadline],
      [202, 'rehearsal', 'w-1', 'blue', 60_000, 'abort'],
    );
  });

  it('needs nothing but to be asked for', async () => {
    const { status, body } = await api.ask<Deployment>('POST', '/v1/deployments/rehearse');
    assert.deepEqual([status, body.request.node, body.pool], [202, null, 'default']);
  });
});

describe('a dry run', () => {
  const forecast: DeploymentForecast = { nodes: [], estimateMs: 5_000, sessions: [], warnings: ['none'] };

  it('answers with the forecast as soon as it is there', async () => {
    await attend();
    const asked = api.ask<Deployment>('POST', '/v1/deployments', { body: { ...BODY, dryRun: true } });
    const created = Promise.withResolvers<string>();
    const unsubscribe = api.registry.onHint((hint) => hint.kind === 'deployment' && created.resolve(hint.id));
    const id = await created.promise;
    unsubscribe();
    await commit(api, id, ({ deployment, why }) => ({
      ...{ state: 'succeeded', over: true },
      view: { deployment: { ...deployment, forecast }, why },
    }));
    const { status, body } = await asked;
    assert.deepEqual([status, body.id, body.forecast], [200, id, forecast]);
  });

  it('without a deploy worker, is told so at once, and holds nobody up', async () => {
    const refused = await api.ask('POST', '/v1/deployments', { body: { ...BODY, dryRun: true } });
    assert.deepEqual([refused.status, refused.body.code], [504, 'timeout']);
    assert.match(String(refused.body.fix), /culvert deployer/);
    assert.equal(await api.registry.deployments.active(), undefined);
  });

  it('that nobody carries out in time is called off', async () => {
    await using api = await TestApi.start({ forecastDeadlineMs: 50 });
    await api.node('deployer-1', { role: 'deployer' });
    const refused = await api.ask('POST', '/v1/deployments', { body: { ...BODY, dryRun: true } });
    assert.deepEqual([refused.status, refused.body.code], [504, 'timeout']);
    const active = await api.registry.deployments.active();
    assert.ok(active);
    assert.deepEqual(
      (await api.registry.deployments.commands(active.id)).map(({ verb }) => verb),
      ['abort'],
    );
  });
});

describe('a deployment', () => {
  it('is listed in brief, if that is asked for: what happened is left to its own page', async () => {
    const { id } = (await api.ask<Deployment>('POST', '/v1/deployments', { body: BODY })).body;
    const proof = {
      step: 'prepare',
      outcome: 'ok',
      at: '2026-01-01T00:00:00.000Z',
      tookMs: 5,
      detail: '',
      facts: {},
    } as const;
    const node = {
      ...{ id: 'w-1', replacement: 'w-1.x', from: '1.0.0', to: '2.0.0', step: 'verify', state: 'running' },
      ...{ enteredAt: proof.at, deadlineAt: null, sessions: 3, busy: 1, connections: 2, evidence: [proof] },
    } as const;
    const forecast = { nodes: [], estimateMs: 5, sessions: [], warnings: [] };
    const events = [{ at: proof.at, kind: 'step', node: 'w-1', message: 'prepare' }];
    await commit(api, id, ({ deployment, why }) => ({
      view: { deployment: { ...deployment, nodes: [node], forecast, events }, why },
    }));
    const listed = async (query: string) => {
      const { items } = (await api.ask<DeploymentList>('GET', `/v1/deployments?${query}`)).body;
      return items.find((one) => one.id === id);
    };
    assert.deepEqual((await listed(''))?.nodes, [node]);
    const brief = await listed('brief=true');
    assert.deepEqual([brief?.nodes, brief?.forecast, brief?.events], [[{ ...node, evidence: [] }], null, []]);
    assert.equal(brief?.version, '2.0.0');
  });

  it('is told what to do, and takes it in later', async () => {
    const { id } = (await api.ask<Deployment>('POST', '/v1/deployments', { body: BODY })).body;
    const tell = (verb: string, body?: object) => api.ask('POST', `/v1/deployments/${id}/${verb}`, { body });
    for (const verb of ['pause', 'resume', 'abort', 'promote', 'rollback']) {
      assert.equal((await tell(verb)).status, 202, verb);
      assert.equal((await tell(verb, { node: 'w-1' })).status, 400, verb);
    }
    assert.equal((await tell('skip', { node: 'w-1' })).status, 202);
    assert.equal((await tell('force')).status, 202);
    assert.equal((await tell('force', { byMs: 5_000 })).status, 400);
    assert.equal((await tell('extend')).status, 202);
    assert.equal((await tell('extend', { byMs: 5_000 })).status, 202);
    assert.equal((await tell('explode')).status, 404);
    const given = (await api.registry.deployments.commands(id)).map(({ verb, node, byMs }) => [verb, node, byMs]);
    assert.deepEqual(given, [
      ...['pause', 'resume', 'abort', 'promote', 'rollback'].map((verb) => [verb, null, null]),
      ...[
        ['skip', 'w-1', null],
        ['force', null, null],
        ['extend', null, 600_000],
        ['extend', null, 5_000],
      ],
    ]);
  });

  it('that is over, or was never there, takes nothing in', async () => {
    const { id } = (await api.ask<Deployment>('POST', '/v1/deployments', { body: BODY })).body;
    await end(api, id);
    const over = await api.ask('POST', `/v1/deployments/${id}/pause`);
    assert.deepEqual([over.status, over.body.code], [409, 'deployment_over']);
    for (const [method, path] of [
      ['POST', '/pause'],
      ['GET', ''],
      ['GET', '/why'],
      ['GET', '/receipt'],
    ] as const) {
      const absent = await api.ask(method, `/v1/deployments/d_none${path}`);
      assert.deepEqual([absent.status, absent.body.code], [404, 'deployment_not_found'], path);
    }
  });

  it('says why it waits as the deploy worker says it, and that it stands still when there is none', async () => {
    await attend();
    const { id } = (await api.ask<Deployment>('POST', '/v1/deployments', { body: BODY })).body;
    const holder = {
      ...{ session: 's_1', tenant: 'acme', name: 'ci', connection: 'c_1', target: 'app:443', ageMs: 90_000 },
      ...{ lastByteAgoMs: 12, bytesPerSecond: null },
    };
    const reason = {
      ...{ node: 'w-1', step: 'busy', code: 'busy_sessions', condition: 'a connection is open' },
      ...{ endsWhen: 'its browser closes it', holders: [holder], held: 1 },
    } as const;
    await commit(api, id, ({ deployment, why }) => ({ view: { deployment, why: { ...why, reasons: [reason] } } }));
    const told = await api.ask<DeploymentWhy>('GET', `/v1/deployments/${id}/why`);
    assert.deepEqual(told.body.reasons, [reason]);
    await leave();
    const alone = await api.ask<DeploymentWhy>('GET', `/v1/deployments/${id}/why`);
    assert.deepEqual(
      alone.body.reasons.map(({ code }) => code),
      ['no_deploy_worker', 'busy_sessions'],
    );
    await end(api, id);
    const over = await api.ask<DeploymentWhy>('GET', `/v1/deployments/${id}/why`);
    assert.deepEqual(over.body.reasons, [reason]);
  });

  it('has a receipt once it is made', async () => {
    const { id } = (await api.ask<Deployment>('POST', '/v1/deployments', { body: BODY })).body;
    const early = await api.ask('GET', `/v1/deployments/${id}/receipt`);
    assert.deepEqual([early.status, early.body.code], [404, 'not_found']);
    assert.match(String(early.body.detail), /when the deployment is over/);
    const receipt = {
      ...{ id, version: '2.0.0', role: 'worker', pool: 'default', strategy: 'rolling', policy: 'move' },
      ...{ state: 'succeeded', startedAt: '2026-01-01T00:00:00.000Z', finishedAt: '2026-01-01T00:01:00.000Z' },
      nodes: [{ id: 'w-1', replacement: 'w-1.k3f9', state: 'done' }],
      totals: {
        ...{ sessions: 0, movedSessions: 0, closedIdle: 0, connectionsMoved: 0, connectionsFinished: 0 },
        ...{ connectionsLost: 0, bytesReplayed: 0, gapMs: { p50: 0, p99: 0, max: 0 } },
      },
      sessions: [],
      signature: { algorithm: 'HMAC-SHA256', value: 'x' },
    };
    await api.registry.deployments.putReceipt(id, receipt);
    const { status, body } = await api.ask('GET', `/v1/deployments/${id}/receipt`);
    assert.deepEqual([status, body], [200, receipt]);
  });

  it('is listed by pages, the newest first', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z');
    await using api = await TestApi.start({ now: () => (now += 1_000) });
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      const { id } = (await api.ask<Deployment>('POST', '/v1/deployments', { body: BODY })).body;
      await end(api, id);
      ids.unshift(id);
    }
    const first = await api.ask<DeploymentList>('GET', '/v1/deployments?limit=2');
    assert.deepEqual(
      first.body.items.map(({ id }) => id),
      ids.slice(0, 2),
    );
    const rest = await api.ask<DeploymentList>('GET', `/v1/deployments?limit=2&cursor=${first.body.next}`);
    assert.deepEqual(
      rest.body.items.map(({ id }) => id),
      ids.slice(2),
    );
    assert.equal((await api.ask('GET', '/v1/deployments?limit=0')).status, 400);
  });
});
