import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { rootAdminKey } from '@culvert/service';
import { Authenticator } from '../auth.ts';
import { Browser } from '../testing/browser.ts';
import { secret, TestApi } from '../testing/start-api.ts';
import { SIGN_IN_TIMES, SignIns } from './sign-ins.ts';
import { readToken } from './token.ts';

describe('signing out', () => {
  it('ends that sign-in at all APIs, and no other', async () => {
    await using api = await TestApi.start();
    await using other = await TestApi.start({ beside: api });
    const [browser, another] = [await Browser.signedIn(api), await Browser.signedIn(api)];
    const { cookie } = browser;
    assert.equal((await browser.ask('GET', '/v1/me', { at: other })).status, 200);
    const answer = await browser.ask('POST', '/v1/sign-out');
    assert.equal(answer.status, 204);
    assert.equal(browser.cookie, '');
    browser.cookie = cookie; // kept by somebody
    for (const at of [api, other]) {
      assert.equal((await browser.ask('GET', '/v1/me', { at })).body.code, 'sign_in_ended');
      browser.cookie = cookie;
      assert.equal((await another.ask('GET', '/v1/me', { at })).status, 200);
    }
  });

  it('is possible for viewers, by cookie only, and with the token only', async () => {
    await using api = await TestApi.start();
    const key = await api.tenant('acme', 'viewer');
    const browser = await Browser.signedIn(api, key);
    assert.equal((await browser.send('POST', '/v1/sign-out')).body.code, 'csrf');
    assert.equal((await api.ask('POST', '/v1/sign-out', { key })).body.code, 'invalid_request');
    assert.equal((await browser.ask('POST', '/v1/sign-out')).status, 204);
  });

  it('ends what was opened by it, such as a stream at another API, at its next look but one', async () => {
    await using api = await TestApi.start();
    await using other = await TestApi.start({ beside: api });
    const browser = await Browser.signedIn(api);
    const signIn = readToken(secret, browser.cookie.replace('culvert=', ''));
    assert.ok(signIn);
    const { settings, signOuts } = other.registry;
    const at = { secret, now: Date.now };
    const authenticator = new Authenticator({ ...at, settings });
    const there = new SignIns({ ...at, signOuts, authenticator, times: SIGN_IN_TIMES, publicUrl: () => other.url });
    assert.equal(there.stillInForce(signIn), true);
    await browser.ask('POST', '/v1/sign-out');
    const asked = Date.now();
    while (there.stillInForce(signIn)) {
      assert.ok(Date.now() - asked < 5_000, 'it never hears of it');
      await setImmediate();
    }
  });

  it('with Redis away counts here at once, and for all when Redis is back', async () => {
    await using api = await TestApi.start();
    await using other = await TestApi.start({ beside: api });
    const browser = await Browser.signedIn(api);
    const { cookie } = browser;
    api.redis.freeze();
    assert.equal((await browser.ask('POST', '/v1/sign-out')).status, 204);
    browser.cookie = cookie;
    assert.equal((await browser.ask('GET', '/v1/me')).body.code, 'sign_in_ended');
    api.redis.thaw();
    await api.registry.waitUntilAvailable(AbortSignal.timeout(10_000));
    await (await Browser.signedIn(api)).ask('GET', '/v1/me'); // whoever asks next tells of it
    await other.registry.waitUntilAvailable(AbortSignal.timeout(10_000));
    browser.cookie = cookie;
    assert.equal((await browser.ask('GET', '/v1/me', { at: other })).body.code, 'sign_in_ended');
  });

  it('is not forgotten with what Redis loses', async () => {
    await using api = await TestApi.start();
    await using other = await TestApi.start({ beside: api });
    const browser = await Browser.signedIn(api);
    const { cookie } = browser;
    await browser.ask('POST', '/v1/sign-out');
    await api.redis.restart();
    for (const at of [api, other]) {
      await at.registry.waitUntilAvailable(AbortSignal.timeout(10_000));
      browser.cookie = cookie;
      assert.equal((await browser.ask('GET', '/v1/me', { at })).body.code, 'sign_in_ended');
    }
  });
});

it('the root key’s holder signs in as an admin without a label', async () => {
  await using api = await TestApi.start();
  const browser = await Browser.signedIn(api, rootAdminKey(secret));
  const { body } = await browser.ask('GET', '/v1/me');
  assert.partialDeepStrictEqual(body, { keyId: 'root', role: 'admin', tenant: null, label: null });
});
