import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { CulvertError } from '@culvert/base';
import { toRegistryError } from './errors.ts';
import { parseRedisUrl } from './options.ts';
import { objectionTo } from './server-check.ts';

describe('a Redis URL', () => {
  it('gives address, login, database and TLS', () => {
    const plain = parseRedisUrl('redis://10.0.0.1:6380/3');
    assert.deepEqual(plain, {
      display: 'redis://10.0.0.1:6380',
      options: { host: '10.0.0.1', port: 6380, db: 3 },
    });
    const secure = parseRedisUrl('rediss://us%40er:p%3Aw@redis.example');
    assert.deepEqual(secure, {
      display: 'rediss://redis.example:6379',
      options: { host: 'redis.example', port: 6379, db: 0, username: 'us@er', password: 'p:w', tls: {} },
    });
    assert.equal(parseRedisUrl('redis://[::1]:1').options.host, '::1');
    for (const socket of ['unix:///run/redis.sock', '/run/redis.sock']) {
      assert.deepEqual(parseRedisUrl(socket), {
        display: 'unix:///run/redis.sock',
        options: { path: '/run/redis.sock' },
      });
    }
  });

  it('that is malformed is refused without repeating it', () => {
    for (const url of [
      '',
      'http://u:secret@h',
      'redis://u:secret@h:99999',
      'redis://u:secret@h/x',
      'redis://u:%secret@h',
    ]) {
      assert.throws(
        () => parseRedisUrl(url),
        (error) => {
          assert.ok(error instanceof CulvertError);
          assert.equal(error.code, 'config_invalid');
          assert.doesNotMatch(`${error.message} ${String(error.cause)}`, /secret/);
          return true;
        },
        url,
      );
    }
  });
});

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
});

describe("a client's error", () => {
  const reply = (message: string): Error =>
    Object.assign(new Error(message), { name: 'ReplyError', command: { name: 'hset', args: ['hunter2'] } });

  it('becomes ours without the arguments of the command', () => {
    for (const message of ['WRONGPASS no', 'ERR no']) {
      assert.doesNotMatch(inspect(toRegistryError(reply(message), 'a test', 'here'), { depth: null }), /hunter2/);
    }
  });

  it('tells what passes from what is our own fault', () => {
    const code = (error: unknown): string => toRegistryError(error, 'a test', 'here').code;
    assert.equal(code(reply('LOADING Redis is loading')), 'registry_unavailable');
    assert.equal(code(reply('OOM command not allowed')), 'registry_unavailable');
    assert.equal(code(new Error('Command timed out')), 'registry_unavailable');
    assert.equal(code(reply('ERR Error running script')), 'internal');
    assert.equal(code(reply('WRONGTYPE')), 'internal');
  });
});
