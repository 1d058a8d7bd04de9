import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiKey, LiveNode } from '@culvert/contracts';
import { keyState, sortedKeys } from './key-state.ts';
import { limitOf, nearness } from './nearness.ts';
import { namesIn, pinEffect, poolsOf } from './pools.ts';

describe('limits', () => {
  it('tell how near they are', () => {
    assert.deepEqual(nearness(412, 1000), { full: 0.412, tone: 'good', words: '412 of 1\u202f000 (41 %)' });
    assert.deepEqual(
      [nearness(80, 100).tone, nearness(100, 100).tone, nearness(99, 100).tone],
      ['warn', 'bad', 'warn'],
    );
    assert.deepEqual(nearness(12, 10), { full: 1, tone: 'bad', words: '12 of 10 (120 %): above the limit' });
    assert.deepEqual([nearness(0, 0).words, nearness(0, 0).full], ['0 of 0 (none may be opened)', 1]);
  });

  it('are whole numbers', () => {
    const typed = ['0', '1', ' 25 ', '1000000', '1000001', '-1', '1.5', '', '1e3'];
    const numbers = typed.map((text) => limitOf(text, 1));
    assert.deepEqual(numbers, [undefined, 1, 25, 1_000_000, ...new Array(5).fill(undefined)]);
    assert.equal(limitOf('0', 0), 0);
  });
});

const worker = (pool: string, state: string, sessions = 0) =>
  ({ role: 'worker', pool, state, sessions, capacity: 10 }) as LiveNode;

describe('pools', () => {
  const gateway = { role: 'gateway', pool: 'edge', state: 'ready', sessions: 0, capacity: 0 } as LiveNode;
  const nodes = [worker('default', 'ready', 4), worker('default', 'draining'), worker('blue', 'cordoned'), gateway];
  const pools = poolsOf([...nodes, worker('gone', 'dead')]);

  it('are those of the workers that are there', () => {
    assert.deepEqual(pools, [
      { name: 'blue', ready: 0, workers: 1, room: 0 },
      { name: 'default', ready: 1, workers: 2, room: 6 },
    ]);
  });

  it('warn before a tenant is pinned where there is no place for it', () => {
    const effect = (pool: string | null, spill: string[] = [], sessions = 3) =>
      pinEffect({ pool: null, spill: [] }, { pool, spill }, sessions, pools);
    assert.match(effect('blue').words, /^Its 3 sessions go to pool blue: each is moved/);
    assert.match(effect('blue').warnings.join(), /No worker of pool blue is ready/);
    assert.match(effect('red', ['default']).warnings.join(), /^Pool red has no worker.*culvert worker --pool red/);
    assert.match(effect('blue', [], 0).words, /no sessions now; new ones go to pool blue/);
    assert.match(effect('blue', ['default']).words, /may stay/);
    assert.deepEqual(effect('default').warnings, []);
    assert.match(effect('default', [], 7).warnings.join(), /room for 6 sessions only/);
    assert.match(effect('blue', ['red']).words, /pool blue, or when that is full to red/);
  });

  it('are named as people type', () => assert.deepEqual(namesIn(' a, b  a,,c '), ['a', 'b', 'c']));
});

it('a key is in force until it is revoked or over; those come first, the newest first', () => {
  const now = Date.parse('2026-01-02T00:00:00Z');
  const key = (id: string, more: Partial<ApiKey> = {}): ApiKey => ({
    ...{ id, tenant: 'acme', role: 'agent', label: '', createdAt: '2026-01-01T00:00:00Z', expiresAt: null },
    ...{ revokedAt: null, ...more },
  });
  const revoked = key('r', { revokedAt: '2026-01-01T01:00:00Z', expiresAt: '2026-01-01T02:00:00Z' });
  const expired = key('e', { expiresAt: '2026-01-02T00:00:00Z' });
  const keys = [revoked, key('a'), expired, key('b', { createdAt: '2026-01-01T05:00:00Z' })];
  assert.deepEqual(
    keys.map((one) => keyState(one, now).state),
    ['revoked', 'in force', 'expired', 'in force'],
  );
  assert.deepEqual(
    sortedKeys(keys, now).map(({ id }) => id),
    ['b', 'a', 'r', 'e'],
  );
});
