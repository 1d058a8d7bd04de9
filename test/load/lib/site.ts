import { CulvertError } from '@culvert/base';
import type { ClusterNode, CreatedKey } from '@culvert/contracts';
import { type ApiClient, createKey } from '@culvert/local';
import { Customers, type CustomersOptions } from './customers/customers.ts';
import type { AgentCounts } from './ledger.ts';
import type { ServedSession } from './traffic/traffic.ts';

const TENANT = 'load';
const LIMITS = { sessions: 100_000, connectionsPerSession: 100_000 };

/** What a run goes against. */
export interface LoadSite {
  readonly sessions: readonly ServedSession[];
  /** Proxy addresses of the gateways, without credentials. */
  readonly proxies: readonly URL[];
  /** Undefined: there is no cluster (tests of the tool itself). */
  readonly api: ApiClient | undefined;
  counts(): Promise<AgentCounts>;
  /** Agents that ended for good although nobody had asked for it: why. */
  readonly ended: readonly string[];
  close(): Promise<void>;
}

/** A cluster that runs, its API with an admin key: a `Cluster` of @culvert/local is one. */
export interface LoadCluster {
  readonly api: ApiClient;
}

type SiteOptions = Pick<CustomersOptions, 'agents' | 'processes' | 'onSeen'>;

/** A tenant of the load's own, its key, and agents that are linked. `close` takes the key back. */
export async function openSite({ api }: LoadCluster, options: SiteOptions): Promise<LoadSite> {
  await makeTenant(api);
  const { id, key } = await createKey(api, TENANT, 'agent', 'load test');
  const revoke = (): Promise<unknown> => api.call('DELETE', `/tenants/${TENANT}/keys/${id satisfies CreatedKey['id']}`);
  try {
    const proxies = await gatewaysOf(api);
    const customers = await Customers.start({ ...options, api: api.url, key });
    return {
      sessions: customers.sessions,
      proxies,
      api,
      counts: () => customers.counts(),
      get ended() {
        return customers.ended;
      },
      async close() {
        await customers.leave();
        await revoke();
      },
    };
  } catch (error) {
    await revoke();
    throw error;
  }
}

async function makeTenant(api: ApiClient): Promise<void> {
  try {
    await api.call('POST', '/tenants', { body: { id: TENANT, name: 'load tests', limits: LIMITS } });
  } catch (error) {
    if (!(error instanceof CulvertError && error.code === 'tenant_exists')) throw error;
  }
}

async function gatewaysOf(api: ApiClient): Promise<URL[]> {
  const { items } = await api.call<{ items: ClusterNode[] }>('GET', '/nodes');
  const ready = items.filter(({ role, state }) => role === 'gateway' && state === 'ready');
  if (ready.length === 0) throw new CulvertError('start_failed', 'the cluster has no gateway that is ready');
  return ready.flatMap(({ proxy }) => (proxy === null ? [] : [new URL(proxy)]));
}
