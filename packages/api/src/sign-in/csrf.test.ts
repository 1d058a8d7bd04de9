import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Browser } from '../testing/browser.ts';
import { TestApi } from '../testing/start-api.ts';

describe('what a page of another site can have a browser do', () => {
  let api: TestApi;
  let origin: string;
  before(async () => {
    api = await TestApi.start({ publicUrl: 'https://culvert.example/base' });
    origin = new URL(api.url).origin;
  });
  after(() => api[Symbol.asyncDispose]());
  const https = { 'x-forwarded-proto': 'https' };
  const tenant = (id: string) => ({ body: { id } });

  it('is nothing: what changes something needs the token of this very sign-in', async () => {
    const [browser, another] = [await Browser.signedIn(api), await Browser.signedIn(api)];
    for (const token of [undefined, '', 'x', another.csrf, `${browser.csrf}0`]) {
      const headers = token === undefined ? {} : { 'x-culvert-csrf': token };
      const answer = await browser.send('POST', '/v1/tenants', { ...tenant('forged'), headers });
      assert.deepEqual([answer.status, answer.body.code], [403, 'csrf'], String(token));
    }
    assert.equal((await api.ask('GET', '/v1/tenants/forged')).status, 404);
    assert.equal((await browser.ask('POST', '/v1/tenants', tenant('meant'))).status, 201);
  });

  it('is nothing, also with the token: the browser says where it was asked from', async () => {
    const browser = await Browser.signedIn(api);
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `${origin}0` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { origin, 'sec-fetch-site': 'cross-site' },
    ] as Readonly<Record<string, string>>[]) {
      const answer = await browser.ask('POST', '/v1/tenants', { ...tenant('forged'), headers });
      assert.deepEqual([answer.status, answer.body.code], [403, 'csrf'], JSON.stringify(headers));
    }
    for (const [id, from] of [
      ['own', origin],
      ['public', 'https://culvert.example'],
    ] as const) {
      const headers = { origin: from, 'sec-fetch-site': 'same-origin' };
      assert.equal((await browser.ask('POST', '/v1/tenants', { ...tenant(id), headers })).status, 201, from);
    }
  });

  it('is not to sign it in as somebody else', async () => {
    const headers = { origin: 'https://evil.example', ...https };
    const answer = await new Browser(api).signIn(undefined, headers);
    assert.deepEqual([answer.status, answer.headers.get('set-cookie')], [403, null]);
    assert.match(answer.text, /"code":"csrf"/);
  });

  it('does not concern programs, which show a key with each request', async () => {
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    assert.equal((await api.ask('POST', '/v1/tenants', { ...tenant('by-key'), headers })).status, 201);
  });

  it('is not to have a request repeated: idempotency keys hold for a cookie as for its key', async () => {
    const browser = await Browser.signedIn(api);
    const headers = { 'idempotency-key': 'k1' };
    const create = () => browser.ask('POST', '/v1/tenants', { ...tenant('once'), headers });
    const [first, second] = [await create(), await create()];
    assert.deepEqual([first.status, second.status, second.text], [201, 201, first.text]);
    assert.equal(second.headers.get('idempotency-replayed'), 'true');
    const signedIn = await new Browser(api).signIn(undefined, headers);
    assert.ok(signedIn.headers.get('set-cookie'), 'a sign-in is not repeated: each has its own cookie');
  });
});
