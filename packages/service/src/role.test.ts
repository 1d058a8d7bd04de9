import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RoleProcess, TEST_SECRET } from './testing/role-process.ts';

const QUICK = { CULVERT_STOP_DEADLINE: '300ms' };

describe('a role as a process', () => {
  it('says that it is ready, serves its admin endpoints, and stops in reverse order on SIGTERM', async () => {
    await using role = new RoleProcess(['--id', 'tiny-1']);
    const ready = await role.ready();
    assert.equal(ready.type, 'ready');
    assert.equal(ready.role, 'worker');
    assert.equal(ready.id, 'tiny-1');
    assert.equal(ready.pid, role.child.pid);
    const { admin } = ready.addresses as { admin: string };
    assert.deepEqual(await (await fetch(`${admin}/hello`)).json(), { hello: 'tiny-1' });
    assert.deepEqual(await (await fetch(`${admin}/readyz`)).json(), { ready: true, reasons: [] });
    assert.match(await (await fetch(`${admin}/metrics`)).text(), /culvert_build_info\{[^}]*role="worker"/);

    role.child.kill('SIGTERM');
    assert.equal(await role.exit(), 0);
    const ends = role.lines.filter((line) => line.event === 'tiny.end').map((line) => line.name);
    assert.deepEqual(ends, ['second', 'first']);
    assert.equal(role.lines.at(-1)?.event, 'node.stopped');
  });

  it('exits with 1 when the stop hangs past its deadline, and names what hangs', async () => {
    await using role = new RoleProcess(['--trouble', 'hangs-in-stop'], QUICK);
    await role.ready();
    role.child.kill('SIGINT');
    assert.equal(await role.exit(), 1);
    assert.equal((await role.line('node.stop_failed')).step, 'hanging');
  });

  it('takes signals in quick succession for one, and a later one for "now"', async () => {
    await using role = new RoleProcess(['--trouble', 'hangs-in-stop']);
    await role.ready();
    role.child.kill('SIGTERM');
    role.child.kill('SIGINT');
    await role.line('node.signal');
    const before = performance.now();
    // Ask again until it obeys: what counts is that it does not obey before 500 ms are over.
    const again = setInterval(() => role.child.kill('SIGTERM'), 50);
    const code = await role.exit();
    clearInterval(again);
    assert.equal(code, 130);
    assert.ok(performance.now() - before > 400);
  });

  it('stops when the process that forked it is gone', async () => {
    await using role = new RoleProcess();
    await role.ready();
    role.child.disconnect();
    assert.equal(await role.exit(), 0);
    assert.ok(role.lines.some((line) => line.event === 'parent.gone'));
  });

  it('can be stopped while it starts', async () => {
    await using role = new RoleProcess(['--trouble', 'hangs-in-start']);
    await role.line('tiny.hanging');
    role.child.kill('SIGTERM');
    assert.equal(await role.exit(), 0);
    assert.equal(role.lines.filter((line) => line.event === 'tiny.end').length, 2);
  });

  for (const [trouble, what] of [
    ['fails-in-start', 'start'],
    ['rejects-later', 'unhandled rejection'],
    ['task-dies', 'the beat'],
  ] as const) {
    it(`stops in order with exit code 1: ${trouble}`, async () => {
      await using role = new RoleProcess(['--trouble', trouble]);
      assert.equal(await role.exit(), 1);
      const fatal = await role.line('node.fatal');
      assert.equal(fatal.what, what);
      assert.equal(fatal.level, 'error');
      assert.equal(role.lines.filter((line) => line.event === 'tiny.end').length, 2);
    });
  }

  it('loses no line when it ends', async () => {
    await using role = new RoleProcess(['--trouble', 'talks']);
    await role.ready();
    role.child.kill('SIGTERM');
    assert.equal(await role.exit(), 0);
    assert.equal(role.lines.filter((line) => line.event === 'tiny.line').length, 2000);
    assert.equal(role.lines.at(-1)?.event, 'node.stopped');
  });

  it('exits with 2 for a wrong configuration, naming all that is wrong', async () => {
    await using role = new RoleProcess(['--admin-listen', 'nowhere'], {
      CULVERT_SECRET: 'tooshort',
      CULVERT_LOG_LEVEL: 'loud',
    });
    assert.equal(await role.exit(), 2);
    assert.match(role.stderr, /--admin-listen \/ CULVERT_ADMIN_LISTEN: "nowhere" given; expected host:port/);
    assert.match(role.stderr, /--log-level \/ CULVERT_LOG_LEVEL: "loud" given; expected one of debug, info/);
    assert.match(role.stderr, /CULVERT_SECRET: expected at least 32 bytes/);
    assert.doesNotMatch(role.stderr, /tooshort/);
  });

  it('writes its secret to no log and no process list', async () => {
    await using role = new RoleProcess(['--trouble', 'leaks'], { CULVERT_LOG_LEVEL: 'debug' });
    await role.ready();
    const commandLine = readFileSync(`/proc/${role.child.pid}/cmdline`, 'utf8');
    role.child.kill('SIGTERM');
    await role.exit();
    assert.ok(role.lines.some((line) => line.event === 'tiny.leak'));
    for (const text of [commandLine, role.stderr, JSON.stringify(role.lines)]) assert.ok(!text.includes(TEST_SECRET));
  });

  it('writes every line in the shape of the log contract', async () => {
    await using role = new RoleProcess(['--id', 'tiny-2']);
    await role.ready();
    role.child.kill('SIGTERM');
    await role.exit();
    for (const line of role.lines) {
      assert.match(String(line.ts), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.match(String(line.level), /^(debug|info|warn|error)$/);
      assert.equal(typeof line.msg, 'string');
      assert.equal(typeof line.event, 'string');
      assert.equal(line.node_id, 'tiny-2');
      assert.equal(typeof line.version, 'string');
    }
  });

  for (const [what, treat] of [
    ['nobody reads its output any more', (stdout: Readable) => stdout.destroy()],
    ['the reader of its output has stopped reading', (stdout: Readable) => stdout.pause()],
  ] as const) {
    it(`runs on, and ends, when ${what}`, async (t) => {
      const fixture = fileURLToPath(new URL('./testing/tiny-role.ts', import.meta.url));
      const env = { CULVERT_SECRET: TEST_SECRET, CULVERT_REDIS_URL: 'redis://127.0.0.1:1' };
      const child = fork(fixture, ['--trouble', 'talks'], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'], env });
      t.after(() => child.kill('SIGKILL'));
      assert.ok(child.stdout);
      treat(child.stdout);
      const [message] = await once(child, 'message');
      assert.equal(message.type, 'ready');
      child.kill('SIGTERM');
      const [code] = await once(child, 'exit');
      child.stdout.destroy();
      assert.equal(code, 0);
    });
  }
});
