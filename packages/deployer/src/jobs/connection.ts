import { isElsewhere, parseRedisUrl, redisOptions } from '@culvert/registry';

const MAX_RECONNECT_MS = 2_000;

/** All keys of the queues in one slot, and the cluster's own: BullMQ needs that on Redis Cluster. */
export function bullPrefix(prefix: string): string {
  return `{${prefix}}:bull`;
}

/** On a Cluster, too, this is one connection to one server, the one that has the slot of `prefix`: it is all we use. */
export function connectionOptions(url: string, prefix: string) {
  return {
    // ioredis's types were not written for exactOptionalPropertyTypes and refuse their own spread.
    ...(redisOptions(parseRedisUrl(url), prefix) as object),
    connectionName: 'culvert-jobs',
    maxRetriesPerRequest: null, // BullMQ's blocking reads must outlive a reconnect
    retryStrategy: (times: number) => Math.min(MAX_RECONNECT_MS, 100 * 2 ** Math.min(times, 10)) * Math.random(),
    // 2: what was refused because another server has our keys now was not carried out, and is sent to that one.
    reconnectOnError: (error: Error) => (isElsewhere(error) ? 2 : false),
  } as const;
}
