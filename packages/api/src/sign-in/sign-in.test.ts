import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Me } from '@culvert/contracts';
import { rootAdminKey } from '@culvert/service';
import { Browser } from '../testing/browser.ts';
import { secret, TestApi } from '../testing/start-api.ts';

const MINUTE = 60_000;
const START = Date.now();

describe('a browser that signs in', () => {
  let api: TestApi;
  let viewer: string;
  let now = START;
  before(async () => {
    api = await TestApi.start({ now: () => now });
    viewer = await api.tenant('acme', 'viewer');
  });
  after(() => api[Symbol.asyncDispose]());
  beforeEach(() => {
    now = Math.max(now, START);
  });

  it('is known by a cookie that scripts cannot read and other sites cannot use', async () => {
    const browser = new Browser(api);
    const answer = await browser.signIn(viewer);
    assert.equal(answer.status, 200);
    assert.match(
      answer.headers.get('set-cookie') ?? '',
      /^culvert=1\.[0-9a-z.]+; Path=\/; Max-Age=3600; HttpOnly; SameSite=Strict$/,
    );
    assert.ok(!answer.headers.get('set-cookie')?.includes(viewer.split('_')[2] ?? '?'), 'the key is not in it');
    const me = await browser.ask<Me>('GET', '/v1/me');
    assert.partialDeepStrictEqual(me.body, { role: 'viewer', tenant: 'acme', by: 'cookie' });
    assert.deepEqual(me.body, answer.body);
  });

  it('gets the cookie for HTTPS only where it came by HTTPS', async () => {
    const browser = new Browser(api);
    const https = { 'x-forwarded-proto': 'https' };
    const answer = await browser.signIn(viewer, https);
    assert.match(answer.headers.get('set-cookie') ?? '', /^__Host-culvert=[^;]+; Path=\/; .*; Secure$/);
    assert.match(answer.headers.get('strict-transport-security') ?? '', /^max-age=\d{8}/);
    assert.equal((await browser.ask('GET', '/v1/me', { headers: https })).status, 200);
    assert.equal((await browser.ask('GET', '/v1/me')).status, 401, 'and it is not taken over plain HTTP');
    assert.equal((await new Browser(api).signIn(viewer)).headers.get('strict-transport-security'), null);
  });

  it('may be a viewer, an operator or an admin; an agent’s key is refused in words', async () => {
    for (const role of ['operator', 'admin']) {
      const key = await api.tenant(`of-${role}`, role);
      assert.equal((await (await Browser.signedIn(api, key)).ask<Me>('GET', '/v1/me')).body.role, role);
    }
    const refused = await new Browser(api).signIn(await api.tenant('of-agent', 'agent'));
    assert.partialDeepStrictEqual(refused.body, { code: 'forbidden', status: 403 });
    assert.match(refused.text, /agent’s key/);
    assert.equal(refused.headers.get('set-cookie'), null);
  });

  it('is asked less of than one who shows a key with the request', async () => {
    const browser = await Browser.signedIn(api, viewer);
    const headers = { authorization: `Bearer ${rootAdminKey(secret)}` };
    assert.partialDeepStrictEqual((await browser.ask('GET', '/v1/me', { headers })).body, { role: 'admin', by: 'key' });
    const wrong = { authorization: 'Bearer ck_x_0000000000000000' };
    assert.equal(
      (await browser.ask('GET', '/v1/me', { headers: wrong })).status,
      401,
      'a wrong key is not made up for',
    );
  });

  it('cannot make a cookie, nor change one', async () => {
    const browser = await Browser.signedIn(api, viewer);
    const [name, value = ''] = browser.cookie.split('=');
    const [version, , id, issued, used, ends, seal] = value.split('.');
    const forged = [version, 'root', id, issued, used, ends, seal].join('.');
    const later = value.replace(`.${ends}.`, `.${Number(ends) + 1}.`);
    for (const bad of [forged, later, `${value}0`, value.slice(0, -1), '', 'x', value.replace(/.$/, '!')]) {
      browser.cookie = `${name}=${bad}`;
      const answer = await browser.ask('GET', '/v1/me');
      assert.deepEqual([answer.status, answer.body.code], [401, 'unauthenticated'], bad);
    }
  });

  it('is signed out after an hour without a request, and each request begins the hour anew', async () => {
    const browser = await Browser.signedIn(api, viewer);
    const first = browser.cookie;
    now += 5 * MINUTE;
    await browser.ask('GET', '/v1/me');
    assert.equal(browser.cookie, first, 'renewed only now and then');
    now += 50 * MINUTE;
    const answer = await browser.ask('GET', '/v1/me');
    assert.notEqual(browser.cookie, first);
    assert.equal(answer.headers.get('x-culvert-signed-in-until'), new Date(now + 60 * MINUTE).toISOString());
    now += 59 * MINUTE;
    assert.equal((await browser.ask('GET', '/v1/me')).status, 200);
    now += 60 * MINUTE;
    const ended = await browser.ask('GET', '/v1/me');
    assert.deepEqual([ended.status, ended.body.code], [401, 'sign_in_ended']);
    assert.equal(browser.cookie, '', 'the browser is told to forget it');
  });

  it('is not kept signed in by a stream, which needs no person', async () => {
    const browser = await Browser.signedIn(api, viewer);
    now += 59 * MINUTE;
    const headers = { accept: 'text/event-stream' };
    assert.equal((await browser.ask('GET', '/v1/events?format=json', { headers })).status, 200);
    now += MINUTE;
    assert.equal((await browser.ask('GET', '/v1/me')).status, 401);
  });

  it('is signed out after twelve hours, whatever it asks for', async () => {
    const browser = await Browser.signedIn(api, viewer);
    for (let minutes = 0; minutes < 12 * 60 - 30; minutes += 30) {
      now += 30 * MINUTE;
      assert.equal((await browser.ask('GET', '/v1/me')).status, 200, `${minutes}`);
    }
    now += 30 * MINUTE;
    assert.equal((await browser.ask('GET', '/v1/me')).body.code, 'sign_in_ended');
  });

  it('is out as soon as its key is: revoked, expired, its tenant deleted', async () => {
    await api.ask('POST', '/v1/tenants', { body: { id: 'gone' } });
    const make = async () =>
      (
        await api.ask<{ id: string; key: string }>('POST', '/v1/tenants/gone/keys', {
          body: { role: 'viewer', ttlSeconds: 60 },
        })
      ).body;
    const [revoked, expiring] = [await make(), await make()];
    const [first, second] = [await Browser.signedIn(api, revoked.key), await Browser.signedIn(api, expiring.key)];
    await api.ask('DELETE', `/v1/tenants/gone/keys/${revoked.id}`);
    assert.equal((await first.ask('GET', '/v1/me')).body.code, 'key_revoked');
    now += MINUTE;
    assert.equal((await second.ask('GET', '/v1/me')).body.code, 'key_expired');
    const third = await Browser.signedIn(api, (await make()).key);
    await api.ask('DELETE', '/v1/tenants/gone');
    assert.equal((await third.ask('GET', '/v1/me')).body.code, 'unauthenticated');
  });
});
