import type { Cluster } from './cluster.ts';
import type { LocalCluster, LocalNode } from './local-json.ts';
import type { ManagedProcess } from './managed-process.ts';

/** A running cluster in the form of local.json. Processes that are down at the moment are left out. */
export function describeCluster(cluster: Cluster): LocalCluster {
  const { api, adminKey, redis, dataDir, demo } = cluster;
  const running = (list: readonly ManagedProcess[]): ManagedProcess[] => list.filter(({ pid }) => pid !== undefined);
  return {
    api: api.url,
    dashboard: `${api.url}/`,
    adminKey,
    redis: redis.url,
    redisPrefix: redis.prefix,
    dataDir,
    apis: running(cluster.apis).map(node),
    gateways: running(cluster.gateways).map((process) => ({ ...node(process), proxy: process.address('proxy') })),
    workers: running(cluster.workers).map((process) => ({
      ...node(process),
      version: process.version ?? 'unknown',
      proxy: process.address('proxy'),
    })),
    processes: [
      ...(redis.pid === undefined ? [] : [{ role: 'redis', id: 'redis', pid: redis.pid }]),
      ...cluster.processes.map((process) => ({ role: process.role, id: process.id, pid: pidOf(process) })),
    ],
    ...(demo ? { demo } : {}),
  };
}

function node(process: ManagedProcess): LocalNode {
  return { id: process.id, admin: process.address('admin'), pid: pidOf(process) };
}

function pidOf(process: ManagedProcess): number {
  return process.pid ?? -1; // only running ones get here
}
