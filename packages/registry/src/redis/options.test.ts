import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import { parseRedisUrl } from './options.ts';

describe('a Redis URL', () => {
  let dir: string;
  let pem: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'culvert-url-'));
    pem = join(dir, 'a.pem');
    await writeFile(pem, 'PEM');
  });
  after(() => rm(dir, { recursive: true, force: true }));

  it('gives address, login, database and TLS', () => {
    assert.deepEqual(parseRedisUrl('redis://10.0.0.1:6380/3'), {
      display: 'redis://10.0.0.1:6380',
      form: 'single',
      options: { host: '10.0.0.1', port: 6380, db: 3 },
      hosts: [],
    });
    const secure = parseRedisUrl('rediss://us%40er:p%3Aw@redis.example');
    assert.equal(secure.display, 'rediss://redis.example:6379');
    const login = { username: 'us@er', password: 'p:w', tls: {} };
    assert.deepEqual(secure.options, { host: 'redis.example', port: 6379, db: 0, ...login });
    assert.equal(parseRedisUrl('redis://[::1]:1').options.host, '::1');
    assert.equal(parseRedisUrl('redis://').options.host, '127.0.0.1');
    for (const socket of ['unix:///run/redis.sock', '/run/redis.sock']) {
      const options = { path: '/run/redis.sock' };
      assert.deepEqual(parseRedisUrl(socket), {
        display: 'unix:///run/redis.sock',
        form: 'single',
        options,
        hosts: [],
      });
    }
  });

  it('of sentinels names them, the primary, and both logins', () => {
    const url =
      'redis+sentinel://user:p%2Cw@one,[::1]:26380,three.example:1/main/2?sentinel_user=s&sentinel_password=t%26';
    assert.deepEqual(parseRedisUrl(url), {
      display: 'redis+sentinel://one:26379,[::1]:26380,three.example:1/main',
      form: 'sentinel',
      options: { db: 2, username: 'user', password: 'p,w' },
      hosts: [
        { host: 'one', port: 26379 },
        { host: '::1', port: 26380 },
        { host: 'three.example', port: 1 },
      ],
      sentinel: { primary: 'main', username: 's', password: 't&' },
    });
    assert.deepEqual(parseRedisUrl('rediss+sentinel://one/main').options, { db: 0, tls: {} });
  });

  it('of a cluster names some of its nodes', () => {
    assert.deepEqual(parseRedisUrl('redis+cluster://:pw@10.0.0.1:7000,10.0.0.2'), {
      display: 'redis+cluster://10.0.0.1:7000,10.0.0.2:6379',
      form: 'cluster',
      options: { password: 'pw' },
      hosts: [
        { host: '10.0.0.1', port: 7000 },
        { host: '10.0.0.2', port: 6379 },
      ],
    });
    assert.deepEqual(parseRedisUrl('rediss+cluster://one/0').options, { tls: {} });
  });

  it('has the files and the name that TLS is to go by', () => {
    for (const start of ['rediss://h', 'rediss+sentinel://h/main', 'rediss+cluster://h,i']) {
      const { tls } = parseRedisUrl(`${start}?ca=${pem}&cert=${pem}&key=${pem}&servername=redis.example`).options;
      const file = Buffer.from('PEM');
      assert.deepEqual(tls, { ca: file, cert: file, key: file, servername: 'redis.example' });
    }
  });

  it('that is malformed is refused without repeating it', () => {
    for (const url of [
      '',
      'http://u:secret@h',
      'redis://u:secret@h:99999',
      'redis://u:secret@h/x',
      'redis://u:secret@h/1/2',
      'redis://u:%secret@h',
      'redis://u:secret@h,i',
      'redis://u:secret@h?secret=1',
      'redis://u:secret@h?ca=/secret',
      'rediss://u:secret@h?ca=/secret/none',
      'rediss://u:secret@h?servername=a&servername=secret',
      'redis://u:se?cret@h',
      'unix:///run/redis.sock?secret=1',
      'redis+sentinel://u:secret@h',
      'redis+sentinel://u:secret@h,,i/main',
      'redis+sentinel://u:secret@h:99999/main',
      'redis+sentinel://u:secret@h/main/x',
      'redis+cluster://u:secret@h/1',
      'redis+cluster://u:secret@/0',
      'redis+cluster://u:secret@h?sentinel_user=x',
      'redis+other://u:secret@h',
    ]) {
      assert.throws(
        () => parseRedisUrl(url),
        (error) => {
          assert.ok(error instanceof CulvertError);
          assert.equal(error.code, 'config_invalid');
          assert.doesNotMatch(`${error.message} ${String(error.cause)}`, /secret|cret/);
          return true;
        },
        url,
      );
    }
  });
});
