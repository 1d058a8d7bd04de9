import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type Logger, silentLogger } from '@culvert/base';
import { RecordKeeper } from './record-keeper.ts';
import { newRecord } from './testing/fake-world.ts';

async function directory() {
  const path = await mkdtemp(join(tmpdir(), 'culvert-keeper-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

async function loaded(dir: string, logger: Logger = silentLogger) {
  const keeper = new RecordKeeper(dir, logger);
  await keeper.load();
  return keeper.kept;
}

describe('the deployment that is kept on disk', () => {
  it('is the newest one, readable by its owner only, for the next life of the process', async () => {
    await using dir = await directory();
    const keeper = new RecordKeeper(join(dir.path, 'state'), silentLogger);
    for (let revision = 1; revision <= 5; revision += 1) keeper.keep({ ...newRecord('d_1'), revision }, 'r1');
    await keeper.settled();
    const kept = await loaded(join(dir.path, 'state'));
    assert.equal(kept?.record.revision, 5);
    assert.equal(kept?.round, 'r1');
    assert.deepEqual(await readdir(join(dir.path, 'state')), ['deployment.json']);
    assert.equal((await stat(join(dir.path, 'state', 'deployment.json'))).mode & 0o777, 0o600);
  });

  it('goes when it is over', async () => {
    await using dir = await directory();
    const keeper = new RecordKeeper(dir.path, silentLogger);
    keeper.keep(newRecord('d_1'), 'r1');
    keeper.keep({ ...newRecord('d_1'), revision: 2, over: true }, 'r1');
    await keeper.settled();
    assert.equal(keeper.kept, undefined);
    assert.deepEqual(await readdir(dir.path), []);
  });

  it('is none, and that is said, when it cannot be read', async () => {
    await using dir = await directory();
    await writeFile(join(dir.path, 'deployment.json'), '{"record":');
    const events: unknown[] = [];
    const kept = await loaded(dir.path, { ...silentLogger, warn: ({ event }) => void events.push(event) });
    assert.equal(kept, undefined);
    assert.deepEqual(events, ['deploy.state_unread']);
  });

  it('is kept in memory, and that is said, when the disk takes nothing', async () => {
    await using dir = await directory();
    const file = join(dir.path, 'no-folder');
    await writeFile(file, '');
    const events: unknown[] = [];
    // Below a file nothing can be made: for the keeper as good as a disk that is full.
    const keeper = new RecordKeeper(join(file, 'state'), {
      ...silentLogger,
      warn: ({ event }) => void events.push(event),
    });
    keeper.keep(newRecord('d_1'), 'r1');
    await keeper.settled();
    assert.equal(keeper.kept?.record.id, 'd_1');
    assert.deepEqual(events, ['deploy.state_unwritten']);
  });
});
