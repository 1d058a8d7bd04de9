import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkCron, lastTime, nextTime } from './cron.ts';
import { type StoredWindow, windowAt, windowsAt } from './windows.ts';

const HOUR = 3_600_000;
const ms = (text: string): number => Date.parse(text);
const nightly: StoredWindow = { cron: '0 2 * * *', timezone: 'UTC', forMs: 2 * HOUR, pool: null };

describe('cron times', () => {
  it('are before, at and after a moment', () => {
    const at = ms('2026-01-05T02:00:00.000Z');
    assert.equal(lastTime(nightly, at), at);
    assert.equal(lastTime(nightly, at - 1), at - 24 * HOUR);
    assert.equal(lastTime(nightly, at + 999), at);
    assert.equal(nextTime(nightly, at), at + 24 * HOUR);
    assert.equal(nextTime(nightly, at - 1), at);
  });

  it('follow the time zone through its change', () => {
    const berlin = { cron: '0 4 * * *', timezone: 'Europe/Berlin' };
    assert.equal(nextTime(berlin, ms('2026-03-28T00:00:00Z')), ms('2026-03-28T03:00:00Z'));
    assert.equal(nextTime(berlin, ms('2026-03-29T00:00:00Z')), ms('2026-03-29T02:00:00Z'));
  });

  it('are refused, with what is wrong with them', () => {
    for (const [cron, timezone, detail] of [
      ['@daily', 'UTC', /^cron: five fields/],
      ['0 0 2 * * *', 'UTC', /^cron: five fields/],
      ['61 * * * *', 'UTC', /^cron: .*61/],
      ['0 2 30 2 *', 'UTC', /^cron: /],
      ['0 2 * * *', 'Mars/Base', /^timezone: "Mars\/Base"/],
    ] as const) {
      assert.throws(() => checkCron({ cron, timezone }), { code: 'invalid_request', message: detail }, cron);
    }
    checkCron(nightly);
  });
});

describe('a maintenance window', () => {
  it('is open from its time on, for as long as it says', () => {
    const opens = ms('2026-01-05T02:00:00Z');
    const closed = { open: false, closesAtMs: null };
    const open = { open: true, opensAtMs: null, closesAtMs: opens + 2 * HOUR };
    assert.deepEqual(windowAt(nightly, opens - 1), { ...closed, opensAtMs: opens });
    assert.deepEqual(windowAt(nightly, opens), open);
    assert.deepEqual(windowAt(nightly, opens + 2 * HOUR - 1), open);
    assert.deepEqual(windowAt(nightly, opens + 2 * HOUR), { ...closed, opensAtMs: opens + 24 * HOUR });
  });

  it('is for its pool or for all, and several are as one', () => {
    const noon = ms('2026-01-05T12:00:00Z');
    const blue: StoredWindow = { ...nightly, cron: '0 11 * * *', pool: 'blue' };
    const long: StoredWindow = { ...blue, cron: '30 11 * * *', forMs: 4 * HOUR };
    const closed = { open: false, opensAtMs: ms('2026-01-06T02:00:00Z'), closesAtMs: null };
    assert.deepEqual(windowsAt([nightly, blue], 'default', noon), closed);
    assert.deepEqual(windowsAt([nightly, blue, long], 'blue', noon), {
      ...{ open: true, opensAtMs: null, closesAtMs: ms('2026-01-05T15:30:00Z') },
    });
    assert.deepEqual(windowsAt([blue], 'default', noon), { open: false, opensAtMs: null, closesAtMs: null });
  });
});
