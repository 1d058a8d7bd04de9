import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { silentLogger } from '@culvert/base';
import { createMetrics } from '@culvert/telemetry/testing';
import { createAdminServer, publishedUrl } from './admin.ts';
import { rootAdminKey } from './credentials.ts';
import { Health } from './health.ts';
import { ClusterSecret } from './secret.ts';

const secret = ClusterSecret.parse('an example secret of 32 bytes or more');

async function serve(t: TestContext, host: string) {
  const health = new Health();
  const metrics = createMetrics({ role: 'worker', version: '1', node_id: 'n1' });
  const admin = createAdminServer({
    listen: { host, port: 0 },
    advertiseHost: '127.0.0.1',
    secret,
    health,
    metrics,
    logger: silentLogger,
  });
  t.after(async () => {
    await admin.close();
    await metrics.close();
  });
  admin.app.get('/hello', () => ({ hello: true }));
  admin.app.get('/boom', () => {
    throw new Error('what only the log may tell');
  });
  return { health, metrics, url: await admin.listen() };
}

describe('the admin server', () => {
  it('is ready when no check has a reason against it', async (t) => {
    const { url, health } = await serve(t, '127.0.0.1');
    let reason: string | undefined = 'does not answer';
    health.check('redis', () => reason);
    const notReady = await fetch(`${url}/readyz`);
    assert.equal(notReady.status, 503);
    assert.deepEqual(await notReady.json(), { ready: false, reasons: ['redis: does not answer'] });
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    reason = undefined;
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
  });

  it('is open on loopback, but not to a page that rebinds a name', async (t) => {
    const { url } = await serve(t, '127.0.0.1');
    assert.equal((await fetch(`${url}/hello`)).status, 200);
    const rebound = await new Promise<number | undefined>((resolve, reject) => {
      const ask = httpRequest(`${url}/hello`, { headers: { host: 'evil.example' } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      ask.on('error', reject).end();
    });
    assert.equal(rebound, 403);
  });

  it('asks for the root admin key on any other address, except for health and metrics', async (t) => {
    const { url } = await serve(t, '0.0.0.0');
    for (const path of ['/healthz', '/readyz', '/metrics']) assert.equal((await fetch(url + path)).status, 200, path);
    const refused = await fetch(`${url}/hello`);
    assert.equal(refused.status, 401);
    assert.equal(((await refused.json()) as { code: string }).code, 'unauthenticated');
    for (const [key, status] of [
      ['ck_root_wrong', 401],
      [rootAdminKey(secret), 200],
    ] as const) {
      assert.equal((await fetch(`${url}/hello`, { headers: { authorization: `Bearer ${key}` } })).status, status);
    }
    assert.equal((await fetch(`${url}/nowhere`)).status, 401, 'an unknown path tells nothing either');
  });

  it('answers every error as a problem, and an unexpected one without its details', async (t) => {
    const { url } = await serve(t, '127.0.0.1');
    const missing = await fetch(`${url}/nowhere?token=x`);
    assert.equal(missing.headers.get('content-type'), 'application/problem+json; charset=utf-8');
    const problem = (await missing.json()) as Record<string, unknown>;
    assert.deepEqual([problem.status, problem.code, problem.instance], [404, 'not_found', '/nowhere']);
    const fault = await fetch(`${url}/boom`);
    assert.equal(fault.status, 500);
    assert.doesNotMatch(await fault.text(), /only the log/);
  });

  it('measures', async (t) => {
    const { url, metrics } = await serve(t, '127.0.0.1');
    metrics.meter.createCounter('culvert_tests_total', { description: 'Tests.' }).add(2, { kind: 'unit' });
    const text = await (await fetch(`${url}/metrics`)).text();
    assert.match(text, /^culvert_tests_total\{kind="unit"\} 2$/m);
    assert.match(text, /^nodejs_eventloop_delay_p99_seconds \d/m);
    assert.match(text, /^culvert_build_info\{role="worker",version="1",node_id="n1"\} 1$/m);
  });
});

it('a published URL is one that others can reach', () => {
  assert.equal(publishedUrl('http', { host: '127.0.0.1', port: 1 }, null), 'http://127.0.0.1:1');
  assert.equal(publishedUrl('ws', { host: '::1', port: 1 }, null), 'ws://[::1]:1');
  assert.equal(publishedUrl('ws', { host: '0.0.0.0', port: 1 }, 'w1.example'), 'ws://w1.example:1');
  assert.doesNotMatch(publishedUrl('http', { host: '0.0.0.0', port: 1 }, null), /0\.0\.0\.0/);
});
