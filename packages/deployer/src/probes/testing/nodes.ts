import type { NodeView } from '@culvert/registry';

const node: Omit<NodeView, 'id' | 'role'> = {
  ...{ boot: 'b', version: '1', pool: 'default', host: 'h', pid: 1, admin: '', capacity: 100, admissionRate: 100 },
  ...{ state: 'ready', sessions: 0, connections: 0, cordoned: false, leaseAgeMs: 0, proxy: 'http://127.0.0.1:1' },
};

export function workerOf(id: string, over: Partial<NodeView> = {}): NodeView {
  return { ...node, role: 'worker', link: 'ws://127.0.0.1:1', id, ...over };
}

export function gatewayOf(id: string, over: Partial<NodeView> = {}): NodeView {
  return { ...node, role: 'gateway', id, ...over };
}
