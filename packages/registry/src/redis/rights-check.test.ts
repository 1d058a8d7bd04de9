import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Redis } from 'ioredis';
import { startRedis } from '../testing/start-redis.ts';
import { PROBES } from './rights-check.ts';
import { checkServer } from './server-check.ts';

const SOURCES = join(import.meta.dirname, '..');

/** What scripts call, and what is run without a script. */
function commandsInUse(): Set<string> {
  const inUse = new Set<string>();
  for (const file of readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })) {
    if (/^(redis|testing)\/|\.test\.ts$|\.model\.ts$/.test(file) || !/\.(lua|ts)$/.test(file)) continue;
    const text = readFileSync(join(SOURCES, file), 'utf8');
    const pattern = file.endsWith('.lua')
      ? /redis\.p?call\('([A-Z]+)'/g
      : /\b(?:redis|client)\.(?!on\(|once\(|off\(|connect\(|disconnect\()([a-z]+)\(/g;
    for (const [, command = ''] of text.matchAll(pattern)) inUse.add(command.toUpperCase());
  }
  return inUse;
}

describe('the check of rights', () => {
  it('tries every command that the registry runs', () => {
    const tried = new Set([...PROBES.map(([command = '']) => command), 'INFO', 'TIME']);
    const inUse = commandsInUse();
    assert.ok(inUse.size > 15, 'the sources were read');
    assert.deepEqual(
      [...inUse].filter((command) => !tried.has(command)),
      [],
      'not tried: add to PROBES, and to the ACL',
    );
  });

  it('names the commands, the keys or the channels that a user lacks, and changes nothing', async () => {
    await using redis = await startRedis();
    using closing = new DisposableStack();
    const admin = closing.adopt(new Redis(redis.url), (client) => client.disconnect());
    const check = async (...rules: string[]): Promise<string | undefined> => {
      await admin.acl('SETUSER', 'culvert', 'reset', 'on', '>not-a-secret', ...rules);
      const client = new Redis(redis.url, { username: 'culvert', password: 'not-a-secret', enableReadyCheck: false });
      try {
        return (await checkServer(client, 'single', '{culvert}:probe')).objection;
      } finally {
        client.disconnect();
      }
    };
    assert.equal(await check('~{culvert}:*', '&{culvert}:*', '+@all'), undefined);
    assert.match((await check('~{culvert}:*', '&{culvert}:*', '+@all', '-hset', '-zadd')) ?? '', /HSET, ZADD$/);
    assert.match((await check('~{culvert}:*', '&{culvert}:*', '+@all', '-info')) ?? '', /not run INFO$/);
    assert.match((await check('~{culvert}:*', '&{other}:*', '+@all')) ?? '', /channels &\{culvert\}:\*/);
    assert.match((await check('~{other}:*', '&{culvert}:*', '+@all')) ?? '', /keys; give it ~\{culvert\}:\*/);
    assert.match((await check('~{culvert}:*', '&{culvert}:*', '+@all', '-eval')) ?? '', /not run EVAL$/);
    assert.equal(await admin.dbsize(), 0);
  });
});
