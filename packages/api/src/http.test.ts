import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { ERROR_CODES, isErrorCode } from '@culvert/base';
import type { OpenedSession } from '@culvert/contracts';
import { type Answer, TestApi } from './testing/start-api.ts';

function assertProblem(answer: Answer, status: number, code: string, what: string): void {
  assert.deepEqual([answer.status, answer.body.code, answer.body.status], [status, code, status], what);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/, what);
  for (const field of ['type', 'title', 'detail', 'instance']) assert.equal(typeof answer.body[field], 'string', what);
  assert.ok(isErrorCode(code) && ERROR_CODES[code].meaning === answer.body.title);
}

describe('errors', () => {
  it('are all problems', async () => {
    await using api = await TestApi.start();
    const post = (body: string, type = 'application/json') =>
      api.ask('POST', '/v1/tenants', { body, headers: { 'content-type': type } });
    assertProblem(await api.ask('GET', '/v1/nowhere'), 404, 'not_found', 'no such path');
    assertProblem(await api.ask('GET', '/nowhere', { key: '' }), 404, 'not_found', 'no such path outside /v1');
    assertProblem(await api.ask('PATCH', '/v1/tenants'), 404, 'not_found', 'no such method');
    assertProblem(await post('{'), 400, 'invalid_request', 'bad JSON');
    assertProblem(await post('{"id":"a","__proto__":{}}'), 400, 'invalid_request', 'a poisoned prototype');
    assertProblem(await post(''), 400, 'invalid_request', 'no body');
    assertProblem(await post('id=a', 'text/csv'), 400, 'invalid_request', 'another media type');
    assertProblem(await post(`{"id":"${'a'.repeat(70_000)}"}`), 413, 'payload_too_large', 'a large body');
    assertProblem(await api.ask('GET', '/v1/nodes/none'), 404, 'node_not_found', 'no such node');
    assertProblem(await api.ask('GET', '/v1/nodes/%FF'), 400, 'invalid_request', 'a broken escape');
    assertProblem(await api.ask('GET', '/v1/sessions', { key: 'x' }), 401, 'unauthenticated', 'no key');
    const problem = await api.ask('GET', '/v1/nodes/none?token=hidden');
    assert.equal(problem.body.instance, '/v1/nodes/none');
  });

  it('are problems also for what is no HTTP, or too much of it', async () => {
    await using api = await TestApi.start();
    for (const [request, status, code] of [
      ['nonsense\r\n\r\n', 400, 'bad_request'],
      [`GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
    ] as const) {
      const socket = connect(Number(new URL(api.url).port), '127.0.0.1').setEncoding('utf8');
      let answer = '';
      socket.on('data', (text) => {
        answer += text;
      });
      socket.write(request);
      await once(socket, 'end');
      socket.destroy();
      assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} .*"code":"${code}"`, 's'));
    }
  });

  it('with Redis away are told at once, and what is remembered still answers', async () => {
    await using api = await TestApi.start();
    const key = await api.tenant('acme');
    await api.node('g1', { role: 'gateway' });
    await api.claim(await api.node('w1'), 's_1', 'acme');
    assert.equal((await api.ask('GET', '/v1/sessions/s_1/route', { key })).status, 200);
    api.redis.freeze();
    const before = performance.now();
    for (const [method, path] of [
      ['POST', '/v1/sessions'],
      ['GET', '/v1/sessions'],
      ['GET', '/v1/sessions/s_9/route'],
    ] as const) {
      const answer = await api.ask(method, path, { key, ...(method === 'POST' ? { body: {} } : {}) });
      assertProblem(answer, 503, 'registry_unavailable', path);
      assert.ok(Number(answer.headers.get('retry-after')) > 0, path);
    }
    assert.ok(performance.now() - before < 3_000);
    assert.equal((await api.ask('GET', '/v1/tenants')).status, 200);
    api.redis.thaw();
  });
});

describe('an Idempotency-Key', () => {
  it('makes a POST run once: the first answer is given again', async () => {
    await using api = await TestApi.start();
    const key = await api.tenant('acme');
    await api.node('w1');
    const open = (body: object, idempotencyKey: string, as = key) =>
      api.ask<OpenedSession>('POST', '/v1/sessions', { key: as, body, headers: { 'idempotency-key': idempotencyKey } });
    const first = await open({}, 'k1');
    const again = await open({}, 'k1');
    assert.equal(first.headers.get('idempotency-replayed'), null);
    assert.equal(again.headers.get('idempotency-replayed'), 'true');
    assert.deepEqual([again.status, again.text], [first.status, first.text]);
    assert.match(again.headers.get('content-type') ?? '', /^application\/json/);
    assert.notEqual((await open({}, 'k2')).body.id, first.body.id);
    const other = await open({ name: 'x' }, 'k1');
    assert.deepEqual([other.status, (other.body as unknown as { code: string }).code], [409, 'idempotency_conflict']);
    const second = await api.tenant('other');
    assert.equal((await open({}, 'k1', second)).body.tenant, 'other');
    assert.equal((await open({}, 'has a blank')).status, 400);
  });

  it('lets a request that failed run again', async () => {
    await using api = await TestApi.start();
    const key = await api.tenant('acme');
    const open = () => api.ask('POST', '/v1/sessions', { key, body: {}, headers: { 'idempotency-key': 'k1' } });
    assert.equal((await open()).body.code, 'no_worker_available');
    await api.node('w1');
    assert.equal((await open()).status, 201);
  });

  it('stores no answer that can be read', async () => {
    await using api = await TestApi.start();
    await api.ask('POST', '/v1/tenants', { body: { id: 'acme' } });
    const headers = { 'idempotency-key': 'k1' };
    const made = await api.ask<{ key: string }>('POST', '/v1/tenants/acme/keys', { body: {}, headers });
    const again = await api.ask<{ key: string }>('POST', '/v1/tenants/acme/keys', { body: {}, headers });
    assert.equal(again.body.key, made.body.key);
    const answers = await stored(api.redis.port, '*idempotency*');
    assert.match(answers, /response/);
    for (const readable of ['ck_', 'acme', 'createdAt']) assert.ok(!answers.includes(readable), answers);
  });
});

/** What Redis holds under keys that match, as it sends it. */
async function stored(port: number, pattern: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  const ask = async (command: string): Promise<string> => {
    socket.write(`${command}\r\n`);
    const [reply] = await once(socket, 'data');
    return reply;
  };
  const keys = (await ask(`KEYS ${pattern}`)).split('\r\n').filter((line) => line.startsWith('{'));
  let all = '';
  for (const key of keys) all += await ask(`HGETALL ${key}`);
  socket.destroy();
  return all;
}

describe('OpenAPI', () => {
  it('has every route of /v1, and a UI', async () => {
    await using api = await TestApi.start();
    const document = (await api.ask<{ paths: Record<string, Record<string, unknown>> }>('GET', '/docs/json')).body;
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const [outside, routes] = [
      documented.filter((one) => !one.includes(' /v1/')),
      documented.filter((one) => one.includes(' /v1/')),
    ];
    assert.deepEqual(outside, ['GET /status.json']);
    assert.deepEqual(routes.sort(), [...routesOf(api.server.printRoutes({ commonPrefix: false }))].sort());
    assert.ok(documented.length >= 18);
    assert.equal((await api.ask('GET', '/docs/', { key: '' })).status, 200);
  });
});

/** `METHOD /v1/path` from fastify's drawing of its routes, with parameters as OpenAPI writes them. */
function* routesOf(drawing: string): Generator<string> {
  const path: string[] = [];
  for (const line of drawing.split('\n')) {
    const match = /^(?<indent>[│\s]*)[├└]── (?<part>\S*)(?: \((?<methods>[^)]*)\))?$/.exec(line);
    if (!match?.groups) continue;
    const depth = (match.groups.indent ?? '').length / 4;
    path.length = depth;
    path[depth] = match.groups.part ?? '';
    const full = path.join('').replaceAll(/:(\w+)/g, '{$1}');
    if (!full.startsWith('/v1/')) continue;
    for (const method of match.groups.methods?.split(', ') ?? []) if (method !== 'HEAD') yield `${method} ${full}`;
  }
}
