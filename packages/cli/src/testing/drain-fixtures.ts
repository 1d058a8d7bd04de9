import type { Blocker, ClusterNode } from '@culvert/contracts';

/** A worker whose drain has just begun. */
export const cordonedNode: ClusterNode = {
  ...{ id: 'w1', boot: 'b1', role: 'worker', version: '1', pool: 'default', state: 'cordoned', cordoned: true },
  ...{
    sessions: 3,
    connections: 7,
    capacity: 10,
    admissionRate: 100,
    leaseAgeMs: 0,
    host: 'h',
    pid: 1,
    proxy: null,
    link: null,
  },
  admin: 'http://h:1',
};

/** A connection that came by the worker's own address. */
export const directBlocker: Blocker = {
  ...{ kind: 'connection', session: 's_1', tenant: 'acme', name: 'ci', connection: 'c_1', target: 'app:443' },
  ...{ reason: 'direct', since: '2026-01-01T00:00:00.000Z', detail: 'Its browser closes it.' },
};
