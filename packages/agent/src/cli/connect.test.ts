import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type ApiReply, problem, sessionAnswer, startFakeApi } from '../../test/fakes.ts';
import { MiniWorker } from '../../test/mini-worker.ts';
import { type ConnectArgs, runConnect } from './connect.ts';
import type { CommandIo } from './io.ts';
import { onStopSignals } from './signals.ts';

const ESC = '\u001b';

/** A process without the process: what it printed, and signals on demand. */
class FakeIo implements CommandIo {
  readonly env: Record<string, string>;
  readonly #signals = new Set<(signal: 'SIGINT' | 'SIGTERM') => void>();
  readonly #watchers = new Set<() => void>();
  readonly #text = { stdout: '', stderr: '' };
  readonly stdout;
  readonly stderr;

  constructor(env: Record<string, string> = {}, isTTY = false) {
    this.env = env;
    const sink = (name: 'stdout' | 'stderr') => ({
      isTTY,
      columns: 200,
      write: (text: string) => {
        this.#text[name] += text;
        for (const watch of this.#watchers) watch();
      },
    });
    this.stdout = sink('stdout');
    this.stderr = sink('stderr');
  }

  get out(): string {
    return this.#text.stdout;
  }

  get err(): string {
    return this.#text.stderr;
  }

  onSignal(listener: (signal: 'SIGINT' | 'SIGTERM') => void): () => void {
    this.#signals.add(listener);
    return () => this.#signals.delete(listener);
  }

  kill(): void {
    for (const listener of this.#signals) listener('SIGTERM');
  }

  async until(name: 'out' | 'err', pattern: RegExp): Promise<void> {
    while (!pattern.test(this[name])) {
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
      this.#watchers.clear();
    }
  }
}

let worker: MiniWorker;
let api: Awaited<ReturnType<typeof startFakeApi>>;
let reply: () => ApiReply;
beforeEach(async () => {
  worker = await new MiniWorker('w1').start();
  reply = () => sessionAnswer('s_mini', { url: worker.url, ticket: 'ticket', node: 'w1' });
  api = await startFakeApi(() => reply());
});
afterEach(() => Promise.all([worker.close(), api.close()]));

const env = () => ({ CULVERT_API: api.url, CULVERT_KEY: 'k_env' });

test('--json: the first line on stdout is session.open, retries before it are on stderr; a signal ends it with 0', async () => {
  const there = reply;
  reply = () => problem(503, 'no_worker_available');
  const io = new FakeIo(env());
  const exit = runConnect({ json: true, allow: ['localhost:3000'] }, io);
  await io.until('err', /"event":"retrying"/);
  reply = there;
  await io.until('out', /link\.up/);
  io.kill();
  assert.equal(await exit, 0);
  const lines = io.out.trimEnd().split('\n');
  assert.equal(
    lines[0],
    '{"event":"session.open","sessionId":"s_mini","proxy":"http://s_mini:secret@127.0.0.1:9999","pac":"http://api.test/s_mini.pac"}',
  );
  assert.deepEqual(JSON.parse(lines.at(-1) ?? ''), { event: 'closed', outcome: 'stopped' });
  assert.equal(api.calls[0]?.authorization, 'Bearer k_env');
});

test('for people: session, proxy without its password, a curl line that works, plain status lines', async () => {
  const io = new FakeIo(env());
  const exit = runConnect({ name: 'demo', allow: ['10.0.0.0/8', 'app.internal:8080'], label: ['team=a'] }, io);
  await io.until('err', /up, served by w1/);
  assert.match(io.out, /^Session {2}s_mini\nProxy {4}http:\/\/127\.0\.0\.1:9999 {2}user s_mini/);
  assert.match(io.out, /^ {2}curl --proxy 'http:\/\/s_mini:secret@127\.0\.0\.1:9999' http:\/\/app\.internal:8080\/$/m);
  assert.equal(io.out.split('secret').length, 2, 'the password is printed once');
  assert(!io.err.includes('secret') && !io.err.includes(ESC));
  assert.match(JSON.stringify(api.calls[0]?.body), /^\{"name":"demo","labels":\{"team":"a"\},"agentId":"a_\w+"\}$/);
  io.kill();
  assert.equal(await exit, 0);
  assert.match(io.err, /stopping\nstopped\n$/);
});

test('on a terminal one line is rewritten, and what the other side sends cannot drive it', async () => {
  const io = new FakeIo(env(), true);
  const exit = runConnect({}, io);
  await io.until('err', /up, served by w1/);
  await assert.rejects(worker.open(`evil${ESC}[2Jhost`, 80), { code: 'bad_request' });
  await io.until('err', /1 refused/);
  assert(io.err.endsWith(`\r${ESC}[2Kup, served by w1 · 0 open · 0 served · 1 refused`));
  assert.match(io.err, /refused evil\?\[2Jhost:80/);
  io.kill();
  assert.equal(await exit, 0);
  assert(io.err.endsWith('\n'));
});

test('exit codes: 2 for a wrong call, 3 for a refused key, 4 for a session that was taken over', async () => {
  const wrong: [ConnectArgs, Record<string, string>, RegExp][] = [
    [{}, {}, /no API address\nGive --api or CULVERT_API/],
    [{ api: 'http://127.0.0.1:1' }, {}, /no key\nGive CULVERT_KEY/],
    [{ allow: ['a b'] }, env(), /culvert connect: the rule "a b" is wrong/],
    [{ host: ['app'] }, env(), /--host "app" is not name=value/],
    [{ keyFile: '/nonexistent/key' }, env(), /--key-file: ENOENT/],
  ];
  for (const [args, environment, why] of wrong) {
    const io = new FakeIo(environment);
    assert.equal(await runConnect(args, io), 2);
    assert.match(io.err, why);
  }

  const there = reply;
  reply = () => problem(401, 'key_expired');
  const expired = new FakeIo(env());
  assert.equal(await runConnect({}, expired), 3);
  assert.match(expired.err, /ended: key_expired, says the test \(key_expired\)/);

  reply = there;
  const taken = new FakeIo(env());
  const exit = runConnect({}, taken);
  await taken.until('err', /up, served/);
  worker.endLink({ code: 'superseded', message: 'a newer agent has it', final: true });
  assert.equal(await exit, 4);
});

test('the key of a local cluster is not sent to another API', async () => {
  const local = { api: 'http://127.0.0.1:1', key: 'k_local' };
  const elsewhere = new FakeIo({ CULVERT_API: api.url });
  assert.equal(await runConnect({ local }, elsewhere), 2);
  assert.match(elsewhere.err, /no key/);
  assert.equal(api.calls.length, 0);

  const io = new FakeIo();
  const exit = runConnect({ local: { api: api.url, key: 'k_local' } }, io);
  await io.until('err', /up, served/);
  assert.equal(api.calls[0]?.authorization, 'Bearer k_local');
  io.kill();
  assert.equal(await exit, 0);
});

test('a second signal means now, unless it is the first one told twice', () => {
  let nowMs = 0;
  const told: boolean[] = [];
  const io = new FakeIo();
  const stop = onStopSignals(
    io,
    (now) => told.push(now),
    () => nowMs,
  );
  io.kill();
  nowMs = 499;
  io.kill();
  assert.deepEqual(told, [false]);
  nowMs = 500;
  io.kill();
  assert.deepEqual(told, [false, true]);
  stop();
  io.kill();
  assert.equal(told.length, 2);
});
