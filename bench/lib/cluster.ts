import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, createKey, startCluster } from '@culvert/local';
import { deriveSessionId, proxySecret } from '@culvert/service';
import type { Way } from './protocol.ts';

const ROOT = join(import.meta.dirname, '../..');
const TENANT = 'bench';
const SESSION = 'bench';

export interface BenchCluster {
  readonly cluster: Cluster;
  /** Processes that carry a connection, by way. */
  readonly pids: { readonly gateway: number[]; readonly direct: number[] };
  /** One process at a time. */
  readonly ends: { readonly gateway: number; readonly agent: number };
  readonly ways: { readonly gateway: Way; readonly direct: Way };
  readonly agentKey: string;
  stop(): Promise<void>;
}

/**
 * One worker, one gateway and one agent that may reach the target: as `npm start` runs them, logs and all. `resumes`: whether
 * connections can go on over another worker. `env`: for the processes that carry connections.
 */
export async function startBenchCluster(
  targetPort: number,
  { resumes = true, env = {} }: { resumes?: boolean; env?: Readonly<Record<string, string>> } = {},
): Promise<BenchCluster> {
  const dataDir = mkdtempSync(join(tmpdir(), 'culvert-bench-'));
  const cluster = await startCluster({
    entry: join(ROOT, 'packages/cli/src/main.ts'),
    dataDir,
    cacheDir: join(ROOT, '.culvert'),
    workers: 1,
    gateways: 1,
    deployers: 0,
    durable: false,
    overrides: { gateway: { env }, worker: { env, flags: resumes ? [] : ['--resume-window', '0s'] } },
  });
  const limits = { sessions: 20_000, connectionsPerSession: 1_000 };
  await cluster.api.call('POST', '/tenants', { body: { id: TENANT, limits } });
  const { key } = await createKey(cluster.api, TENANT, 'agent', 'bench');
  const agent = await cluster.startAgent({ key, name: SESSION, allow: [`127.0.0.1:${targetPort}`], env });
  const sessionId = deriveSessionId(cluster.secret, TENANT, SESSION);
  const credentials = Buffer.from(`${sessionId}:${proxySecret(cluster.secret, sessionId)}`).toString('base64');
  const way = (url: string): Way => ({
    port: Number(new URL(url).port),
    connect: { target: `127.0.0.1:${targetPort}`, authorization: `Basic ${credentials}` },
  });
  const [worker] = cluster.workers;
  const [gateway] = cluster.gateways;
  const pids = [gateway?.pid, worker?.pid, agent.pid].filter((pid) => pid !== undefined);
  if (worker === undefined || gateway === undefined || pids.length < 3) throw new Error('the cluster is not whole');
  return {
    cluster,
    ends: { gateway: pids[0] as number, agent: pids[2] as number },
    pids: { gateway: pids, direct: pids.slice(1) },
    ways: { gateway: way(gateway.address('proxy')), direct: way(worker.address('proxy')) },
    agentKey: key,
    async stop() {
      await cluster.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
