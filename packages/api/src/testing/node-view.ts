import type { NodeView } from '@culvert/registry';

/** A worker as the registry tells of it; of an earlier release, unless `more` has what newer ones tell. */
export function nodeView(id: string, more: Partial<NodeView> = {}): NodeView {
  return {
    ...{ id, boot: 'b1', role: 'worker', version: '1', pool: 'default', host: 'h', pid: 1, admin: 'http://h:1' },
    ...{ proxy: `http://${id}:1`, link: `ws://${id}:1`, capacity: 100, state: 'ready', sessions: 0, connections: 0 },
    ...{ admissionRate: 100, cordoned: false, leaseAgeMs: 0, beatAt: 1_000 },
    ...more,
  };
}
