import { silentLogger } from '@culvert/base';
import { Redis } from 'ioredis';
import { createKeys, ownerRef } from '../keys.ts';
import { parseRedisUrl } from '../redis/options.ts';
import { Registry } from '../registry.ts';
import type { RegistryFactory } from './contract.ts';
import { subscribed } from './fixtures.ts';

/** A server, or several, that registries under test connect to. */
export interface TestDeployment {
  readonly url: string;
  /** URL of the server that has the registry's keys now, for a user who may do everything. */
  adminUrl(): Promise<string>;
  stop(): Promise<void>;
}

/** Registries on a deployment; one test's factory stops it when it is closed. */
export async function factoryOn(deployment: TestDeployment, prefix?: string): Promise<RegistryFactory> {
  const { options: login } = parseRedisUrl(await deployment.adminUrl());
  const admin = new Redis({ ...login, replyMapping: 'legacy', commandTimeout: 5_000, maxRetriesPerRequest: 1 });
  const { leases, meta } = createKeys(prefix);
  return {
    async connect(options = {}) {
      const registry = Registry.connect({
        url: deployment.url,
        logger: silentLogger,
        ...(prefix === undefined ? {} : { prefix }),
        ...options,
      });
      await Promise.all([registry.waitUntilAvailable(AbortSignal.timeout(5_000)), subscribed(registry)]);
      return registry;
    },
    async setLease(node, inMs) {
      const [seconds] = await admin.time();
      await admin.zadd(leases, Number(seconds) * 1_000 + inMs, ownerRef(node));
    },
    async leaseOf(node) {
      return Number(await admin.zscore(leases, ownerRef(node)));
    },
    async fallSilent() {
      await admin.hset(meta, 'beatAt', '1');
    },
    async lose() {
      await admin.flushall();
    },
    async close() {
      admin.disconnect();
      await deployment.stop();
    },
  };
}
