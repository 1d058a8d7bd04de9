import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { objectionTo } from './server-check.ts';

describe('a server', () => {
  const info = (lines: Record<string, string>): string =>
    Object.entries({ redis_version: '7.0.15', role: 'master', maxmemory: '0', ...lines })
      .map(([name, value]) => `${name}:${value}`)
      .join('\r\n');

  it('is fit from 6.2 on, as a primary, without eviction', () => {
    assert.equal(objectionTo(info({ maxmemory_policy: 'allkeys-lru' })), undefined);
    assert.equal(objectionTo(info({ maxmemory: '1000', maxmemory_policy: 'noeviction' })), undefined);
    assert.equal(objectionTo(info({ redis_version: '6.2.0' })), undefined);
    assert.match(objectionTo(info({ redis_version: '6.0.16' })) ?? '', /6\.0\.16/);
    assert.match(objectionTo(info({ redis_version: '5.9.1' })) ?? '', /needs 6\.2/);
    assert.match(objectionTo(info({ maxmemory: '1000', maxmemory_policy: 'allkeys-lru' })) ?? '', /allkeys-lru/);
    assert.match(objectionTo(info({ role: 'slave' })) ?? '', /replica/);
    assert.match(objectionTo(info({ loading: '1' })) ?? '', /loading/);
  });

  it('of a cluster is fit from 7.0 on, and by a URL that says so', () => {
    const member = { cluster_enabled: '1' };
    assert.equal(objectionTo(info(member), 'cluster'), undefined);
    assert.equal(
      objectionTo(info({ ...member, redis_version: '7.2.4', valkey_version: '8.1.1' }), 'cluster'),
      undefined,
    );
    assert.match(
      objectionTo(info({ ...member, redis_version: '6.2.14' }), 'cluster') ?? '',
      /7\.0 or newer in a cluster/,
    );
    assert.match(objectionTo(info(member), 'single') ?? '', /redis\+cluster:\/\//);
  });
});
