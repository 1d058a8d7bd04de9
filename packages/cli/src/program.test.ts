import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as a person would, in `cwd`, with only `env` of ours. */
function culvert(args: readonly string[], { cwd, env = {} }: { cwd: string; env?: Record<string, string> }) {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CULVERT_')));
  return new Promise<Result>((resolve) => {
    execFile(
      process.execPath,
      [main, ...args],
      { cwd, env: { ...clean, NO_COLOR: '1', ...env } },
      (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
      },
    );
  });
}

describe('culvert command', () => {
  const dir = mkdtempSync(join(tmpdir(), 'culvert-cli-'));
  const calls: {
    method: string | undefined;
    url: string | undefined;
    authorization: string | undefined;
    body: string;
  }[] = [];
  let answer: { status: number; body: unknown } = { status: 200, body: {} };
  const server = createServer(async (request: IncomingMessage, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    calls.push({ method: request.method, url: request.url, authorization: request.headers.authorization, body });
    response.writeHead(answer.status, { 'content-type': 'application/problem+json' });
    response.end(answer.status === 204 ? undefined : JSON.stringify(answer.body));
  });
  let api = '';

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    api = `http://127.0.0.1:${address.port}`;
  });
  after(() => {
    server.close();
    server.closeAllConnections();
    rmSync(dir, { recursive: true, force: true });
  });

  it('shows its commands; wrong usage is exit code 2, with words on stderr', async () => {
    const help = await culvert(['--help'], { cwd: dir });
    assert.equal(help.code, 0);
    for (const name of ['up', 'worker', 'connect', 'sessions', 'doctor'])
      assert.match(help.stdout, new RegExp(`^ {2}${name}\\b`, 'm'));
    const unknown = await culvert(['sesions', 'ls'], { cwd: dir });
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /unknown command 'sesions'/);
    assert.equal((await culvert(['nodes', 'ls', '--bogus'], { cwd: dir })).code, 2);
    assert.equal((await culvert(['up', '--workers', 'many'], { cwd: dir })).code, 2);
  });

  it("shows a role's flags with their variables and defaults", async () => {
    const { code, stdout } = await culvert(['worker', '--help'], { cwd: dir });
    assert.equal(code, 0);
    assert.match(stdout, /--proxy-listen/);
    assert.match(stdout.replace(/\s+/g, ' '), /--admin-listen .*default: 127\.0\.0\.1:0.*CULVERT_ADMIN_LISTEN/);
    assert.match(stdout, /CULVERT_SECRET/);
    const wrong = await culvert(['worker', '--redis', 'nonsense'], { cwd: dir });
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /CULVERT_REDIS_URL/);
    assert.match(wrong.stderr, /CULVERT_SECRET/);
  });

  it('names what is missing when it knows no API', async () => {
    const { code, stderr } = await culvert(['sessions', 'ls'], { cwd: dir });
    assert.equal(code, 2);
    assert.match(stderr, /no API address/);
    assert.match(stderr, /Fix: .*CULVERT_API/);
  });

  it('prefers flags to variables to the local cluster of a folder above', async () => {
    const inner = join(dir, 'a', 'b');
    mkdirSync(inner, { recursive: true });
    mkdirSync(join(dir, '.culvert'));
    writeFileSync(join(dir, '.culvert', 'local.json'), JSON.stringify({ api, adminKey: 'local-key' }));
    answer = { status: 200, body: { items: [], next: null } };
    calls.length = 0;
    const { stdout } = await culvert(['nodes', 'ls', '--json'], { cwd: inner });
    assert.deepEqual(JSON.parse(stdout), answer.body);
    await culvert(['nodes', 'ls'], { cwd: inner, env: { CULVERT_KEY: 'variable-key' } });
    await culvert(['nodes', 'ls', '--key', 'flag-key'], { cwd: inner, env: { CULVERT_KEY: 'variable-key' } });
    assert.deepEqual(
      calls.map(({ url, authorization }) => [url, authorization]),
      ['local', 'variable', 'flag'].map((name) => ['/v1/nodes', `Bearer ${name}-key`]),
    );
    // The local key must not go to a stranger.
    const foreign = await culvert(['nodes', 'ls', '--api', 'http://127.0.0.1:9'], { cwd: inner });
    assert.equal(foreign.code, 2);
    assert.match(foreign.stderr, /no API key/);
    rmSync(join(dir, '.culvert'), { recursive: true });
  });

  it("repeats the API's own words and code when a call is refused", async () => {
    answer = { status: 409, body: { code: 'session_busy', detail: 'the session has 3 open connections' } };
    const env = { CULVERT_API: api, CULVERT_KEY: 'k' };
    const busy = await culvert(['sessions', 'close', 's_1'], { cwd: dir, env });
    assert.equal(busy.code, 1);
    assert.match(busy.stderr, /the session has 3 open connections \(session_busy\)/);
    answer = { status: 204, body: undefined };
    const closed = await culvert(['sessions', 'close', 's_1', '--force'], { cwd: dir, env });
    assert.deepEqual([closed.code, closed.stdout], [0, 'closed s_1\n']);
    assert.equal(calls.at(-1)?.url, '/v1/sessions/s_1?force=true');
  });

  it('says that the API does not answer, and what to do', async () => {
    const env = { CULVERT_API: 'http://127.0.0.1:9', CULVERT_KEY: 'k' };
    const { code, stderr } = await culvert(['tenants', 'ls'], { cwd: dir, env });
    assert.equal(code, 1);
    assert.match(stderr, /http:\/\/127\.0\.0\.1:9 does not answer/);
    assert.match(stderr, /Fix: /);
  });

  it('prints a new key alone, so that it can be captured', async () => {
    answer = { status: 201, body: { id: 'k1', role: 'agent', key: 'ck_k1_secret' } };
    const env = { CULVERT_API: api, CULVERT_KEY: 'k' };
    const made = await culvert(['keys', 'create', '--tenant', 'acme', '--expires-in', '2d'], { cwd: dir, env });
    assert.deepEqual([made.code, made.stdout], [0, 'ck_k1_secret\n']);
    const call = calls.at(-1);
    assert.deepEqual([call?.method, call?.url], ['POST', '/v1/tenants/acme/keys']);
    assert.deepEqual(JSON.parse(call?.body ?? ''), { role: 'agent', ttlSeconds: 172_800 });
  });

  it("derives the root key from the cluster's secret", async () => {
    const env = { CULVERT_SECRET: 'x'.repeat(32) };
    const { stdout } = await culvert(['keys', 'root'], { cwd: dir, env });
    assert.match(stdout, /^ck_root_[a-z0-9]+\n$/);
    assert.equal((await culvert(['keys', 'root'], { cwd: dir })).code, 2);
  });
});
