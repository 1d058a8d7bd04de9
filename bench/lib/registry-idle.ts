import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Cluster, createKey, startCluster } from '@culvert/local';
import { between, type RedisUse } from './registry-info.ts';
import { Observer } from './registry-redis.ts';

const ROOT = join(import.meta.dirname, '../..');
const TENANT = 'bench';
const OPEN_DEADLINE_MS = 300_000;
/** What follows from the opening itself (reports, hints) has passed then. */
const SETTLE_MS = 3_000;

export interface IdleOptions {
  readonly sessions: number;
  /** How long Redis is watched, ms. */
  readonly ms: number;
}

/** Commands that Redis sees from a whole cluster whose sessions do nothing: with none, and with many. */
export async function measureIdleTraffic({ sessions, ms }: IdleOptions): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'culvert-bench-'));
  try {
    const cluster = await startCluster({
      entry: join(ROOT, 'packages/cli/src/main.ts'),
      dataDir,
      cacheDir: join(ROOT, '.culvert'),
      workers: 1,
      gateways: 1,
      deployers: 0,
      durable: false,
    });
    try {
      return await watch(cluster, { sessions, ms });
    } finally {
      await cluster.stop();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function watch(cluster: Cluster, { sessions, ms }: IdleOptions): Promise<string> {
  const limits = { sessions: sessions + 1, connectionsPerSession: 10 };
  await cluster.api.call('POST', '/tenants', { body: { id: TENANT, limits } });
  const { key } = await createKey(cluster.api, TENANT, 'agent', 'bench');
  const observer = new Observer(cluster.redis.url);
  try {
    process.stderr.write(`bench: idle traffic with 0 and with ${sessions} sessions\n`);
    await wait(SETTLE_MS);
    const none = await traffic(observer, ms);
    const agents = startAgents(cluster, key, sessions);
    try {
      await once(agents, 'message', { signal: AbortSignal.timeout(OPEN_DEADLINE_MS) });
      await wait(SETTLE_MS);
      return report(sessions, ms / 1_000, none, await traffic(observer, ms));
    } finally {
      const gone = once(agents, 'exit');
      agents.kill('SIGKILL');
      await gone;
    }
  } finally {
    observer.close();
  }
}

async function traffic(observer: Observer, ms: number): Promise<RedisUse> {
  const before = await observer.use();
  await wait(ms);
  return between(before, await observer.use());
}

function startAgents(cluster: Cluster, key: string, count: number): ChildProcess {
  const env = { ...process.env, CULVERT_KEY: key };
  const stdio: ['ignore', 'inherit', 'inherit', 'ipc'] = ['ignore', 'inherit', 'inherit', 'ipc'];
  return fork(join(import.meta.dirname, 'idle-agents.ts'), [cluster.api.url, String(count)], { env, stdio });
}

function report(sessions: number, seconds: number, none: RedisUse, many: RedisUse): string {
  // What a script calls is counted again under its own name; that is not traffic. Nor are our own questions.
  const names = ['evalsha', 'get', 'publish', 'xread', 'hgetall', 'ping'].filter(
    (name) => none.calls.has(name) || many.calls.has(name),
  );
  const perSecond = (count: number): string => (count / seconds).toFixed(1);
  const row = (name: string, count: (use: RedisUse) => number): string =>
    `| ${name} | ${perSecond(count(none))} | ${perSecond(count(many))} |`;
  return [
    '## What a whole idle cluster (one worker, gateway and API each) asks of Redis, per second',
    '',
    `| | 0 sessions | ${sessions} sessions |`,
    '|---|---|---|',
    row('commands, those inside scripts included', ({ commands }) => commands - 1),
    ...names.map((name) => row(`\`${name}\``, ({ calls }) => calls.get(name) ?? 0)),
    row('bytes to Redis', ({ bytesIn }) => bytesIn),
    row('bytes from Redis', ({ bytesOut }) => bytesOut),
    '',
  ].join('\n');
}
