import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { StatusReport } from '@culvert/contracts';
import { statusToken } from '@culvert/service';
import { noCounts, type SliCounts } from '@culvert/telemetry';
import { secret, TestApi } from './testing/start-api.ts';

const MINUTE = 60_000;

describe('the status page', () => {
  let api: TestApi;
  before(async () => {
    api = await TestApi.start();
    await api.node('secret-worker-7', { host: 'db1.internal', pool: 'blue-pool' });
    await api.node('secret-gateway-3', { role: 'gateway', proxy: 'http://10.9.8.7:3128' });
    for (const tenant of ['hooli', 'umbrella']) assert.match(await api.tenant(tenant), /^ck_/);
    await count('hooli', { opened: 9_000, failed: 100, servedMs: 1e6, unservedMs: 1e5 });
    await count('umbrella', { opened: 5 });
    await count('culvert-canary', { opened: 50 }, 'synthetic');
  });
  after(() => api[Symbol.asyncDispose]());

  async function count(tenant: string, some: Partial<SliCounts>, source: 'real' | 'synthetic' = 'real') {
    const counts = { ...noCounts(), ...some };
    const buckets = (['minute', 'hour', 'day'] as const).map((span, i) => {
      const ms = [MINUTE, 60 * MINUTE, 1_440 * MINUTE][i] ?? 0;
      return { span, startMs: Math.floor(Date.now() / ms) * ms, source, tenant, counts };
    });
    await api.registry.sli.writeSli({ node: 'secret-gateway-3', boot: 'b1' }, buckets);
  }
  const look = (path: string) => api.ask<StatusReport>('GET', path, { key: '' });

  it('needs no key, runs no script and loads nothing from elsewhere', async () => {
    const { status, headers, text } = await look('/status');
    assert.equal(status, 200);
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/);
    assert.match(headers.get('cache-control') ?? '', /public, max-age=10/);
    assert.doesNotMatch(text, /<script|\sstyle=|\son\w+=|https?:\/\//);
    assert.match(text, /<h2 id="days">Last 90 days<\/h2>/);
    const style = await look('/status.css');
    assert.match(style.headers.get('content-type') ?? '', /^text\/css/);
    assert.doesNotMatch(style.text, /url\(|@import/);
  });

  it('names no tenant, no node, no pool, no address and no key', async () => {
    const page = await look('/status');
    const data = await look('/status.json');
    assert.equal(data.status, 200);
    assert.equal(data.body.days.length, 90);
    assert.equal(data.body.incidents.length, 1);
    for (const { text } of [page, data]) {
      assert.doesNotMatch(
        text,
        /hooli|umbrella|canary|secret-|blue-pool|internal|10\.9\.8\.7|127\.0\.0\.1|ck_|api\.test/i,
      );
      assert.doesNotMatch(text, /9000|9100/, 'nor how much traffic there is');
    }
  });

  it('a tenant has one of its own, behind a link that tells nothing', async () => {
    const { body } = await api.ask<{ url: string }>('GET', '/v1/tenants/umbrella/status-page');
    const path = new URL(body.url).pathname;
    assert.match(path, /^\/status\/[0-9a-z]{32}$/);
    const own = await look(`${path}.json`);
    assert.equal(own.body.days.at(-1)?.connectionSuccess, 1);
    assert.deepEqual(own.body.incidents, []);
    assert.ok(((await look('/status.json')).body.days.at(-1)?.connectionSuccess ?? 1) < 0.99);
    const page = await look(path);
    assert.equal(page.headers.get('cache-control'), 'no-store');
    assert.doesNotMatch(page.text, /umbrella|hooli/);
    assert.equal((await api.ask('GET', '/v1/tenants/nobody/status-page')).status, 404);
    assert.equal((await look('/v1/tenants/umbrella/status-page')).status, 401);
  });

  it('a link that is wrong, or of a tenant that is gone, is not there', async () => {
    await api.tenant('gone');
    const { body } = await api.ask<{ url: string }>('GET', '/v1/tenants/gone/status-page');
    const path = new URL(body.url).pathname;
    assert.equal((await look(path)).status, 200);
    await api.ask('DELETE', '/v1/tenants/gone');
    assert.equal((await look(path)).status, 404);
    assert.equal((await look(`/status/${'a'.repeat(32)}`)).status, 404);
    assert.equal((await look(`/status/${'é'.repeat(32)}`)).status, 404);
  });

  it('answers while Redis is away, and says that something is', async () => {
    await api.redis.stop();
    // Not remembered: nobody has looked at this tenant's yet.
    const path = `/status/${statusToken(secret, 'hooli')}`;
    const { status, body } = await look(`${path}.json`);
    assert.equal(status, 200);
    assert.deepEqual(body.days, []);
    assert.equal(body.components.find(({ name }) => name === 'api')?.state, 'degraded');
    assert.equal((await look(path)).status, 200);
  });
});
