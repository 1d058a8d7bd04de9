import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sleep } from '@culvert/base';
import { ProcessProvider } from '@culvert/deployer/testing';
import { type Cluster, startCluster } from './cluster.ts';
import type { ClusterEvent, ClusterOptions } from './cluster-options.ts';
import { readLocalJson } from './local-json.ts';
import { isAlive } from './processes.ts';

const entry = fileURLToPath(new URL('./testing/fake-culvert.ts', import.meta.url));
const nodes = { FAKE_NODES: 'worker-1,worker-2,gateway-1' };

describe('cluster', () => {
  const dir = mkdtempSync(join(tmpdir(), 'culvert-cluster-'));
  after(() => rmSync(dir, { recursive: true, force: true }));

  const options = (name: string, more: Partial<ClusterOptions> = {}): ClusterOptions => ({
    entry,
    dataDir: join(dir, name),
    cacheDir: join(process.cwd(), '.culvert'),
    workers: 2,
    durable: false,
    overrides: { api: { env: nodes } },
    ...more,
  });

  it('starts every process, tells about it in local.json, and leaves nothing', async () => {
    const cluster = await startCluster(options('whole'));
    const local = readLocalJson(cluster.dataDir);
    assert.deepEqual(local, JSON.parse(JSON.stringify(cluster.describe())));
    assert.deepEqual(
      local?.processes.map(({ id }) => id),
      ['redis', 'api-1', 'worker-1', 'worker-2', 'gateway-1', 'deployer-1'],
    );
    assert.equal(statSync(join(cluster.dataDir, 'local.json')).mode & 0o777, 0o600);
    assert.equal(statSync(join(cluster.dataDir, 'secret')).mode & 0o777, 0o600);
    assert.ok(local.processes.every(({ pid }) => isAlive(pid)));
    for (const { pid } of local.processes) {
      assert.ok(!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(new URL(local.redis).password));
    }
    await cluster.stop();
    assert.deepEqual(
      local.processes.filter(({ pid }) => isAlive(pid)),
      [],
    );
    assert.deepEqual(cluster.survivors(), []);
    assert.deepEqual(readdirSync(cluster.dataDir).toSorted(), ['logs', 'redis', 'secret']);
  });

  it('has nodes replaced for its deploy workers, and follows in local.json', async () => {
    const heard = listener();
    const cluster = await startCluster(options('replaces', { onEvent: heard.onEvent }));
    const { env } = cluster.deployers[0]?.spec ?? assert.fail('no deploy worker');
    const { CULVERT_SUPERVISOR: supervisor = '', CULVERT_STATE_DIR } = env;
    assert.equal(CULVERT_STATE_DIR, join(cluster.dataDir, 'deployer', 'deployer-1'));
    const provider = new ProcessProvider({ supervisor, secret: cluster.secret });
    const proxy = cluster.describe().gateways[0]?.proxy;
    const ended = heard.next((event) => event.event === 'node.ended' && event.id === 'gateway-1');
    const ready = heard.next((event) => event.event === 'process.ready' && event.id === 'gateway-1.k3f9');
    const order = { deployment: 'dep_1', fence: 1 };
    await provider.launch({
      ...{ ...order, id: 'gateway-1.k3f9', role: 'gateway', pool: 'default', version: '2' },
      ...{ replaces: 'gateway-1', cordoned: false, choice: { kind: 'process' } },
    });
    await ready;
    await provider.terminate({ ...order, id: 'gateway-1', graceMs: 5_000 });
    await ended;
    const local = readLocalJson(cluster.dataDir);
    assert.deepEqual(
      local?.gateways.map(({ id, proxy }) => ({ id, proxy })),
      [{ id: 'gateway-1.k3f9', proxy }],
    );
    assert.ok(local.processes.some(({ id }) => id === 'gateway-1.k3f9'));
    assert.ok(!local.processes.some(({ id }) => id === 'gateway-1'));
    const { pid } = local.gateways[0] ?? assert.fail('no gateway');
    assert.ok(cluster.survivors().some((one) => one.pid === pid));
    await cluster.stop();
    assert.ok(!isAlive(pid));
    assert.ok(!existsSync(supervisor));
    await assert.rejects(provider.list(), /no supervisor answers/);
  });

  it('refuses a data folder that is in use, naming the process; takes one over whose cluster was killed', async () => {
    const given = options('claimed');
    const script = `
      import { startCluster } from ${JSON.stringify(new URL('./cluster.ts', import.meta.url).href)};
      const cluster = await startCluster(${JSON.stringify(given)});
      process.stdout.write(JSON.stringify(cluster.describe().processes));
      setInterval(() => undefined, 1000);`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [text] = await once(holder.stdout, 'data');
    await assert.rejects(startCluster(given), (error: Error) => {
      assert.match(error.message, new RegExp(`in use by the cluster of process ${holder.pid}`));
      return true;
    });
    holder.kill('SIGKILL');
    const pids: { pid: number }[] = JSON.parse(String(text));
    const deadline = performance.now() + 5_000;
    while (pids.some(({ pid }) => isAlive(pid))) {
      assert.ok(performance.now() < deadline, 'a killed cluster leaves processes');
      await sleep(20);
    }
    await (await startCluster(given)).stop();
  });

  it('says which process failed, with the end of its log, and leaves nothing', async () => {
    const given = options('fails', { overrides: { api: { env: nodes }, worker: { env: { FAKE_FAIL: 'worker-2' } } } });
    await assert.rejects(startCluster(given), (error: Error) => {
      assert.match(error.message, /worker-2 did not start: it ended with exit code 1/);
      assert.match(error.message, /was told to fail/);
      return true;
    });
    assert.ok(!existsSync(join(given.dataDir, 'cluster.lock')));
    assert.ok(!existsSync(join(given.dataDir, 'local.json')));
  });

  it('gives up on a process that hangs in its start, and kills one that hangs in its stop', async () => {
    const hangs = { api: { env: nodes }, gateway: { env: { FAKE_HANG: 'gateway-1' } } };
    const late = startCluster(options('hangs', { overrides: hangs, startDeadlineMs: 1_500 }));
    await assert.rejects(late, /gateway-1 did not start: the start of gateway-1 did not finish within 1500 ms/);
    const deaf = { api: { env: nodes }, worker: { env: { FAKE_DEAF: 'worker-1' } } };
    const cluster = await startCluster(options('deaf', { overrides: deaf, stopDeadlineMs: 300 }));
    await cluster.stop();
    assert.deepEqual(cluster.survivors(), []);
  });

  it('starts a process again that ends unasked, on the same port, and rewrites local.json', async () => {
    const heard = listener();
    const cluster = await startCluster(options('restarts', { restart: true, onEvent: heard.onEvent }));
    try {
      const [worker] = cluster.workers;
      assert.ok(worker?.pid);
      const { pid } = worker;
      const admin = worker.address('admin');
      const again = heard.next((event) => event.event === 'process.ready' && event.id === 'worker-1');
      process.kill(pid, 'SIGKILL');
      await again;
      assert.notEqual(worker.pid, pid);
      assert.equal(worker.address('admin'), admin);
      assert.equal(readLocalJson(cluster.dataDir)?.workers[0]?.pid, worker.pid);
      assert.match(JSON.stringify(heard.all), /"event":"process.exit","role":"worker","id":"worker-1"/);
    } finally {
      await cluster.stop();
    }
    assert.deepEqual(cluster.survivors(), []);
  });

  it('ends a start that is under way when asked to', async () => {
    const controller = new AbortController();
    const given = options('aborted', {
      overrides: { gateway: { env: { FAKE_HANG: 'gateway-1' } } },
      signal: controller.signal,
    });
    const heard = listener();
    const starting = startCluster({ ...given, onEvent: heard.onEvent });
    await heard.next(({ event }) => event === 'redis.ready');
    controller.abort(new Error('asked to'));
    await assert.rejects(starting, /asked to/);
    assert.ok(!existsSync(join(given.dataDir, 'cluster.lock')));
  });

  it('gives tests a handle on each process', async () => {
    await using cluster: Cluster = await startCluster(options('handles', { workers: 1 }));
    const [worker] = cluster.workers;
    assert.ok(worker);
    await worker.kill('SIGKILL');
    assert.equal(worker.pid, undefined);
    await worker.start();
    const added = await cluster.addWorker({ flags: ['--pool', 'blue'] });
    assert.equal(added.id, 'worker-2');
    assert.equal((await added.log()).length, 1);
    assert.match((await added.waitForLog(({ event }) => event === 'node.ready')).msg ?? '', /43 letters/);
    await cluster.redis.stop('SIGKILL');
    await cluster.redis.start({ empty: true });
  });
});

function listener() {
  const all: ClusterEvent[] = [];
  const waiting = new Set<(event: ClusterEvent) => void>();
  return {
    all,
    onEvent(event: ClusterEvent): void {
      all.push(event);
      for (const look of [...waiting]) look(event);
    },
    next(test: (event: ClusterEvent) => boolean): Promise<void> {
      return new Promise((resolve) => {
        const look = (event: ClusterEvent): void => {
          if (!test(event)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
      });
    },
  };
}
