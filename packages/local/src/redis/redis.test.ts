import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { silentLogger, sleep } from '@culvert/base';
import { isAlive, signalProcess } from '../processes.ts';
import { findRedisBinary } from './binary.ts';
import { inspectRedis } from './inspect.ts';
import { RedisServer } from './server.ts';

const password = 'a-password-for-this-test';

async function gone(pid: number): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (isAlive(pid)) {
    assert.ok(performance.now() < deadline, `process ${pid} still runs`);
    await sleep(20);
  }
}

describe('private Redis', () => {
  let dir: string;
  let binary: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'culvert-redis-'));
    binary = await findRedisBinary({ cacheDir: join(process.cwd(), '.culvert'), logger: silentLogger });
  });
  after(() => rm(dir, { recursive: true, force: true }));

  const options = (name: string) => ({ binary, dir: join(dir, name), logFile: join(dir, `${name}.log`), password });

  it('keeps its port and its data over a restart, asks for the password and never evicts', async () => {
    const server = await RedisServer.start(options('durable'));
    try {
      const { port } = server;
      await store(server.url, 'kept');
      await server.stop();
      await server.start();
      assert.equal(server.port, port);
      assert.equal(await read(server.url), 'kept');
      const report = await inspectRedis(server.url);
      assert.equal(report.evictionPolicy, 'noeviction');
      assert.ok(Math.abs(report.clockSkewMs) < 1_000);
      await assert.rejects(inspectRedis(`redis://127.0.0.1:${port}`), /NOAUTH|Authentication/i);
      await server.stop();
      await server.start({ empty: true });
      assert.equal(await read(server.url), null);
    } finally {
      await server.stop();
    }
  });

  it('says so when it dies unasked', async () => {
    const server = await RedisServer.start(options('dies'));
    const death = new Promise<string>((resolve) => server.onDeath(resolve));
    assert.ok(server.pid);
    signalProcess(server.pid, 'SIGKILL');
    assert.match(await death, /SIGKILL/);
  });

  for (const stopped of [false, true]) {
    it(`ends with its starter after SIGKILL${stopped ? ', even when it was stopped' : ''}`, async () => {
      const script = `
        import { RedisServer } from ${JSON.stringify(new URL('./server.ts', import.meta.url).href)};
        const server = await RedisServer.start(${JSON.stringify(options(`guarded-${stopped}`))});
        process.stdout.write(String(server.pid));
        setInterval(() => undefined, 1000);`;
      const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [text] = await once(starter.stdout, 'data');
      const pid = Number(String(text));
      assert.ok(isAlive(pid));
      if (stopped) signalProcess(pid, 'SIGSTOP');
      starter.kill('SIGKILL');
      await gone(pid);
    });
  }

  it('names the fix when there is none and none can be had', async () => {
    const path = process.env.PATH;
    process.env.PATH = dir;
    try {
      await assert.rejects(findRedisBinary({ cacheDir: join(dir, 'none'), logger: silentLogger }), (error: Error) => {
        assert.ok('fix' in error && /CULVERT_REDIS_URL/.test(String(error.fix)));
        return true;
      });
    } finally {
      process.env.PATH = path;
    }
  });
});

async function command(url: string, ...words: string[]): Promise<string | null> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(url);
  try {
    return (await redis.call(words[0] ?? '', ...words.slice(1))) as string | null; // GET and SET answer text or null
  } finally {
    redis.disconnect();
  }
}
const store = (url: string, value: string) => command(url, 'SET', 'k', value);
const read = (url: string) => command(url, 'GET', 'k');
