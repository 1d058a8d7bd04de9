import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CulvertError, type ErrorCode, sleep } from '@culvert/base';
import { ExecProvider } from './exec.ts';
import type { LaunchRequest } from './provider.ts';
import { providerContract } from './testing/contract.ts';

const manager = fileURLToPath(new URL('./testing/fake-manager.sh', import.meta.url));
const launch: LaunchRequest = {
  ...{ id: 'worker-1', role: 'worker', pool: 'default', version: '1.0.0', replaces: null, cordoned: false },
  ...{ choice: { kind: 'exec' }, deployment: 'dep_0', fence: 1 },
};

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'culvert-exec-'));
}

providerContract('exec', async () => {
  const dir = folder();
  const state = mkdtempSync(join(dir, 'state-'));
  const command = (verb: string): string[] => ['sh', manager, state, verb];
  const config = {
    ...{ launch: command('launch'), list: command('list') },
    ...{ terminate: command('terminate'), logs: command('logs') },
  };
  writeFileSync(join(dir, 'exec.json'), JSON.stringify(config));
  const provider = await ExecProvider.load(join(dir, 'exec.json'));
  await provider.launch(launch);
  return {
    provider,
    running: launch.id,
    async end() {
      await provider[Symbol.asyncDispose]();
      for (const id of readdirSync(state)) killIfThere(Number(readFileSync(join(state, id, 'pid'), 'utf8')));
      rmSync(dir, { recursive: true, force: true });
    },
  };
});

describe('exec provider', () => {
  let dir = '';
  before(() => {
    dir = folder();
  });
  after(() => rmSync(dir, { recursive: true, force: true }));
  let number = 0;

  /** Commands as shell scripts; those that are not given do nothing. */
  function load(scripts: Partial<Record<'launch' | 'list' | 'terminate' | 'logs', string>>, more: object = {}) {
    const argv = Object.entries({ launch: '', list: '', terminate: '', ...scripts });
    const commands = Object.fromEntries(
      argv.map(([name, script]) => [name, ['sh', '-c', script, 'sh', '{id}', '{version}']]),
    );
    return loadText(JSON.stringify({ ...commands, ...more }));
  }
  function loadText(text: string): Promise<ExecProvider> {
    number += 1;
    const file = join(dir, `exec-${number}.json`);
    writeFileSync(file, text);
    return ExecProvider.load(file);
  }
  const written = (name: string): string => readFileSync(join(dir, name), 'utf8');

  it('tells a command what it needs by arguments and variables, in the folder of its file, and no secret', async () => {
    process.env.CULVERT_SECRET = 'not for others';
    process.env.CULVERT_PASSED = 'for all';
    try {
      const script = 'echo "$1 $2" >told; env | grep ^CULVERT | sort >>told';
      const provider = await load({ launch: script }, { pass: ['CULVERT_PASSED'] });
      const version = '1.0.0; echo $HOME `id`';
      await provider.launch({ ...launch, version, replaces: 'worker-0', choice: { kind: 'exec', directory: '/srv' } });
      assert.equal(
        written('told'),
        [
          `worker-1 ${version}`,
          'CULVERT_DEPLOY_CORDONED=false',
          'CULVERT_DEPLOY_DEPLOYMENT=dep_0',
          'CULVERT_DEPLOY_DIRECTORY=/srv',
          'CULVERT_DEPLOY_FENCE=1',
          'CULVERT_DEPLOY_GRACE=',
          'CULVERT_DEPLOY_ID=worker-1',
          'CULVERT_DEPLOY_POOL=default',
          'CULVERT_DEPLOY_REPLACES=worker-0',
          'CULVERT_DEPLOY_ROLE=worker',
          `CULVERT_DEPLOY_VERSION=${version}`,
          'CULVERT_PASSED=for all',
          '',
        ].join('\n'),
      );
    } finally {
      delete process.env.CULVERT_SECRET;
      delete process.env.CULVERT_PASSED;
    }
  });

  it('repeats the end of what a command that fails has said, without credentials', async () => {
    const provider = await load({ launch: 'yes no | head -5000 >&2; echo "at redis://u:hunter2@h" >&2; exit 4' });
    const message = await refused(provider.launch(launch), 'provider_failed');
    assert.match(message, /^launch: sh ended with exit code 4\n/);
    assert.match(message, /at redis:\/\/u:\[redacted\]@h$/);
    assert.ok(message.length < 2_200, `${message.length}`);
    const absent = await loadText(JSON.stringify({ launch: ['x'], list: ['./no-such-command'], terminate: ['x'] }));
    assert.match(await refused(absent.list(), 'provider_failed'), /no-such-command can't be started/);
  });

  it('tries again what ends with 75, until its time is up', async () => {
    const again = await load({ launch: 'echo x >>tries; [ $(wc -l <tries) -ge 2 ] || exit 75' });
    await again.launch(launch);
    assert.equal(written('tries'), 'x\nx\n');
    const never = await load({ terminate: 'exit 75' }, { timeoutMs: 100 });
    await refused(never.terminate({ id: 'worker-1', deployment: 'dep_0', fence: 1, graceMs: 0 }), 'timeout');
  });

  it('kills a command that hangs, with all that it has started, and leaves alone what one that ended has', async () => {
    const hangs = await load({ launch: 'sleep 60 & echo $! >child; wait' });
    const stop = new AbortController();
    const launching = hangs.launch(launch, stop.signal);
    await eventually(() => existsSync(join(dir, 'child')) && written('child').endsWith('\n'));
    stop.abort(new CulvertError('timeout'));
    await refused(launching, 'timeout');
    await eventually(() => !isThere(Number(written('child'))));
    const leaves = await load({ launch: 'echo $$ >self; sleep 60 & echo $! >child' });
    const late = new AbortController();
    const launched = leaves.launch(launch, late.signal);
    await eventually(() => existsSync(join(dir, 'self')) && hasBeenReaped(Number(written('self'))));
    late.abort(new CulvertError('timeout')); // while what it has left running holds its output open
    await Promise.allSettled([launched]);
    await leaves[Symbol.asyncDispose]();
    const child = Number(written('child'));
    assert.ok(isThere(child));
    killIfThere(child);
  });

  it('takes no list that is too long, or is no list', async () => {
    const endless = await load({ list: 'yes' });
    assert.match(await refused(endless.list(), 'provider_failed'), /printed more than 1048576 bytes/);
    const words = await load({ list: 'echo; echo "no nodes"' });
    assert.match(await refused(words.list(), 'provider_failed'), /list: line 2 is no JSON: no nodes/);
    const wrong = await load({ list: `echo '{"id":"a","role":"cook","version":"1","state":"running"}'` });
    assert.match(await refused(wrong.list(), 'provider_failed'), /list: line 1: \/role/);
    const short = await load({ list: `echo '{"id":"a","role":"api","version":"1","state":"running"}'` });
    assert.deepEqual(await short.list(), [
      { id: 'a', role: 'api', version: '1', state: 'running', pid: null, exit: null },
    ]);
    assert.equal(await short.logs('a'), '');
  });

  it('refuses a file that is wrong, and says what is', async () => {
    const complaint = (text: string): Promise<string> => refused(loadText(text), 'config_invalid');
    assert.match(await complaint('{'), /exec-\d+\.json is wrong/);
    assert.match(await complaint('{"launch":["a"],"list":[],"terminate":["a"]}'), /\/list: /);
    assert.match(await complaint('{"launch":["a"],"list":["a"],"terminate":["a"],"lunch":["a"]}'), /\/: /);
    const unknown = await complaint('{"launch":["a","{name}"],"list":["a","{{.ID}}"],"terminate":["a"]}');
    assert.match(unknown, /\/launch: there is no \{name\}; known are id, role/);
    assert.doesNotMatch(unknown, /\/list/);
    await refused(ExecProvider.load(join(dir, 'none.json')), 'config_invalid');
  });
});

async function refused(promise: Promise<unknown>, code: ErrorCode): Promise<string> {
  const error = await promise.then(
    () => assert.fail('it was not refused'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof CulvertError, String(error));
  assert.equal(error.code, code, error.message);
  return error.message;
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** A zombie is gone: it waits for init only. */
function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function hasBeenReaped(pid: number): boolean {
  try {
    return pid > 0 && !process.kill(pid, 0);
  } catch {
    return true;
  }
}

/** For what a process does that is not ours. */
async function eventually(test: () => boolean): Promise<void> {
  for (const deadline = performance.now() + 10_000; !test(); await sleep(10)) {
    assert.ok(performance.now() < deadline, String(test));
  }
}
