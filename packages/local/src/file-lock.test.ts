import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { tryFileLock, withFileLock } from './file-lock.ts';
import { processStartTime } from './processes.ts';

describe('file lock', () => {
  const dir = mkdtempSync(join(tmpdir(), 'culvert-lock-'));
  after(() => rmSync(dir, { recursive: true, force: true }));

  it('names its holder to whoever comes second, and is free after its release', () => {
    const path = join(dir, 'held');
    const first = tryFileLock(path);
    assert.ok('lock' in first);
    assert.deepEqual(tryFileLock(path), { heldBy: process.pid });
    first.lock.release();
    const second = tryFileLock(path);
    assert.ok('lock' in second);
    second.lock.release();
    assert.ok(!existsSync(path));
  });

  it('is taken over from a dead process, and from one that got its pid afterwards', async () => {
    const child = spawn('true');
    await once(child, 'exit');
    for (const [name, stale] of [
      ['dead', `${child.pid} 1\n`],
      ['reused', `${process.pid} 1\n`],
    ] as const) {
      const path = join(dir, name);
      writeFileSync(path, stale);
      const attempt = tryFileLock(path);
      assert.ok('lock' in attempt, name);
      assert.equal(readFileSync(path, 'utf8'), `${process.pid} ${processStartTime(process.pid)}\n`);
    }
  });

  it('lets processes in one at a time', async () => {
    const path = join(dir, 'shared');
    const log = join(dir, 'log');
    writeFileSync(log, '');
    const script = `
      import { appendFileSync } from 'node:fs';
      import { withFileLock } from ${JSON.stringify(new URL('./file-lock.ts', import.meta.url).href)};
      await withFileLock(${JSON.stringify(path)}, 10_000, async () => {
        appendFileSync(${JSON.stringify(log)}, 'in ');
        await new Promise((resolve) => setTimeout(resolve, 50));
        appendFileSync(${JSON.stringify(log)}, 'out ');
      });`;
    writeFileSync(path, '1 never\n'); // stale: all of them see it at once
    const children = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' }),
    );
    const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
    assert.deepEqual(codes, [0, 0, 0, 0]);
    assert.equal(readFileSync(log, 'utf8'), 'in out '.repeat(4));
  });

  it('gives up on a living holder after the deadline', async () => {
    const path = join(dir, 'late');
    const held = tryFileLock(path);
    assert.ok('lock' in held);
    await assert.rejects(
      withFileLock(path, 150, async () => undefined),
      /has held .* for 150 ms/,
    );
    held.lock.release();
  });
});
