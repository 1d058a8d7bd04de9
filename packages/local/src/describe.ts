import type { ApiClient } from './api-client.ts';
import type { ClusterRedis } from './cluster-redis.ts';
import type { LocalCluster, LocalDemo, LocalNode } from './local-json.ts';
import type { ManagedProcess } from './managed-process.ts';

/** The part of a cluster that others are told of. */
interface Described {
  readonly api: ApiClient;
  readonly adminKey: string;
  readonly redis: ClusterRedis;
  readonly dataDir: string;
  readonly demo: LocalDemo | undefined;
  readonly apis: readonly ManagedProcess[];
  readonly gateways: readonly ManagedProcess[];
  readonly workers: readonly ManagedProcess[];
  readonly processes: readonly ManagedProcess[];
}

/** A running cluster in the form of local.json. Nodes that are not ready at the moment are left out. */
export function describeCluster(cluster: Described): LocalCluster {
  const { api, adminKey, redis, dataDir, demo } = cluster;
  const running = (list: readonly ManagedProcess[]): ManagedProcess[] => list.filter(({ ready }) => ready);
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
