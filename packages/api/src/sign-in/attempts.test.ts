import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import { rootAdminKey } from '@culvert/service';
import { Browser } from '../testing/browser.ts';
import { secret, TestApi } from '../testing/start-api.ts';
import { FailedAttempts } from './attempts.ts';

describe('failed sign-ins', () => {
  it('are ten at once, and then one each six seconds', () => {
    let now = 1_000_000;
    const attempts = new FailedAttempts(() => now);
    const allowed = (address: string): boolean => {
      try {
        attempts.assertAllowed(address);
        return true;
      } catch (error) {
        assert.ok(error instanceof CulvertError && error.code === 'limit_exceeded');
        assert.ok((error.retryAfterSeconds ?? 0) > 0 && (error.retryAfterSeconds ?? 0) <= 6);
        return false;
      }
    };
    for (let i = 0; i < 10; i += 1) {
      assert.ok(allowed('192.0.2.1'), `${i}`);
      attempts.failed('192.0.2.1');
    }
    assert.ok(!allowed('192.0.2.1'));
    assert.ok(allowed('192.0.2.2'), 'another address');
    now += 6_000;
    assert.ok(allowed('192.0.2.1'));
    attempts.failed('192.0.2.1');
    assert.ok(!allowed('192.0.2.1'));
  });

  it('of one IPv6 network count together', () => {
    const attempts = new FailedAttempts(() => 0);
    for (let i = 0; i < 10; i += 1) attempts.failed(`2001:db8:1:2::${i}`);
    assert.throws(() => attempts.assertAllowed('2001:db8:1:2:ffff::1'), { code: 'limit_exceeded' });
    attempts.assertAllowed('2001:db8:1:3::1');
  });

  it('are answered alike, told in the log without the key, and then not at all', async () => {
    const lines: unknown[] = [];
    const write = (fields: object): void => void lines.push(fields);
    const logger = { debug: () => undefined, info: write, warn: write, error: write, child: () => logger };
    await using api = await TestApi.start({ logger });
    const wrong = 'ck_abcdefgh_0123456789abcdefghijklmnopqrstuv';
    const answers = [];
    for (let i = 0; i < 11; i += 1) answers.push(await new Browser(api).signIn(i % 2 === 0 ? wrong : 'x'));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [...Array(10).fill(401), 429],
    );
    assert.match(answers.at(-1)?.headers.get('retry-after') ?? '', /^[1-6]$/);
    assert.equal((await new Browser(api).signIn()).status, 429, 'a good key, too: which is which is not told');
    const told = JSON.stringify(lines);
    assert.match(told, /"event":"signin.refused","address":"127.0.0.1","code":"unauthenticated"/);
    assert.ok(!told.includes(wrong));
  });

  it('are few where keys are good: who signed in, from where, with which key, is told', async () => {
    const lines: unknown[] = [];
    const write = (fields: object): void => void lines.push(fields);
    const logger = { debug: () => undefined, info: write, warn: write, error: write, child: () => logger };
    await using api = await TestApi.start({ logger });
    for (let i = 0; i < 12; i += 1) assert.equal((await new Browser(api).signIn()).status, 200);
    const browser = await Browser.signedIn(api);
    await browser.ask('POST', '/v1/sign-out');
    const told = JSON.stringify(lines);
    assert.match(told, /"event":"signin.begun","key_id":"root","role":"admin","address":"127.0.0.1"/);
    assert.match(told, /"event":"signin.ended","key_id":"root","address":"127.0.0.1"/);
    for (const held of [rootAdminKey(secret), browser.csrf]) assert.ok(!told.includes(held));
  });
});
