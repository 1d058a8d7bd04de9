import type { NodeInfo, SessionClaim, SessionReassert } from '@culvert/registry';

/** As long as real ids, and with 12 digits at the end, so that redis-benchmark can make them. */
const SESSION_PREFIX = 's_b7x2';
const DIGITS = 12;
const BOOT = '1m7q0x4c';
/** Well below what Redis's clock gives, so that any claim is newer. */
const EPOCH = 1_700_000_000_000_000;
const CONNECTED_MS = 1_700_000_000_000;
const TENANTS = 50;

/** What redis-benchmark replaces by 12 random digits. */
export const RANDOM_SESSION = `${SESSION_PREFIX}__rand_int__`;

export function sessionId(index: number): string {
  return SESSION_PREFIX + String(index).padStart(DIGITS, '0');
}

export interface NodeShape {
  readonly capacity: number;
  readonly admissionRate: number;
}

/** The record of a worker as one on Kubernetes has it. */
export function benchNode(index: number, { capacity, admissionRate }: NodeShape): NodeInfo {
  const address = `10.42.${index >> 8}.${index & 255}`;
  return {
    id: `worker-${String(index).padStart(4, '0')}`,
    boot: BOOT,
    role: 'worker',
    version: '1.4.2',
    pool: 'default',
    host: `worker-${index}.culvert.svc`,
    pid: 7,
    proxy: `http://${address}:3128`,
    link: `ws://${address}:7000`,
    admin: `http://${address}:9090`,
    capacity,
    admissionRate,
  };
}

/** A session with a name and two labels, as a farm of browsers would open it. */
export function benchClaim(index: number, node: NodeInfo): SessionClaim {
  return {
    sessionId: sessionId(index),
    tenantId: `tenant-${String(index % TENANTS).padStart(2, '0')}`,
    name: `chrome-eu-west-1-${String(index).padStart(6, '0')}`,
    node,
    pool: node.pool,
    agentId: `a_4h9t${String(index).padStart(DIGITS, '0')}`,
    keyId: 'k_0t5v8q2m6w1r9y3j',
    labels: { site: 'eu-west-1', team: 'checkout' },
    lastEpoch: 0,
  };
}

/** The same session as its owner tells it to a registry that does not have it. */
export function benchReassert(index: number, node: NodeInfo): SessionReassert {
  const { sessionId: id, tenantId, name, pool, agentId, keyId, labels } = benchClaim(index, node);
  const counters = { state: 'idle', connections: 0, bytesIn: 0, bytesOut: 0 } as const;
  return {
    ...{ sessionId: id, tenantId, name, pool, agentId, keyId, labels, ...counters },
    ...{ epoch: EPOCH, connectedAtMs: CONNECTED_MS },
  };
}
