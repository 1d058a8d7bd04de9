export type { AgentOptions } from './agent-process.ts';
export { type ApiAnswer, ApiClient, type ApiRequest } from './api-client.ts';
export { Cluster, startCluster } from './cluster.ts';
export type { ClusterEvent, ClusterOptions, RoleOverrides } from './cluster-options.ts';
export type { ClusterRedis } from './cluster-redis.ts';
export { readClusterSecret } from './data-dir.ts';
export { findOnPath } from './find-on-path.ts';
export {
  DEFAULT_DATA_DIR,
  findLocalJson,
  type LocalCluster,
  type LocalDemo,
  type LocalNode,
  readLocalJson,
} from './local-json.ts';
export { LogFollower } from './log-follower.ts';
export { followStream, LogHeap } from './log-heap.ts';
export { type LogLine, readLog } from './log-lines.ts';
export { mergeLogs } from './log-merge.ts';
export { logFolder, processLogs } from './log-places.ts';
export { FileLog, type LogSource, type TextTest } from './log-reader.ts';
export { type LogRecord, type LogTrouble, MAX_LINE_BYTES } from './log-records.ts';
export { ManagedProcess, type ProcessExit, type Readiness } from './managed-process.ts';
export { isAlive, processStartTime } from './processes.ts';
export { getThroughProxy, type ProxiedAnswer } from './proxied-request.ts';
export { findRedisBinary } from './redis/binary.ts';
export { inspectRedis, type RedisReport } from './redis/inspect.ts';
export { RedisServer } from './redis/server.ts';
export { createKey, ensureTenant, type NewKey } from './tenants.ts';
