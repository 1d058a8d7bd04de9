import type { DeploymentRequest } from '@culvert/contracts';
import type { NodeView, StoredCommand } from '@culvert/registry';
import type { Observation } from '../types.ts';

export const T0 = 1_700_000_000_000;

export function request(more: Partial<DeploymentRequest> = {}): DeploymentRequest {
  return {
    ...{ kind: 'release', version: '2.0.0', role: 'worker', pool: 'default', node: null, strategy: 'rolling' },
    ...{ policy: 'move', batch: 1, surge: 1, canary: null, analyzeMs: 2_000, keepWarmMs: 0, deadlineMs: 60_000 },
    ...{
      onDeadline: 'pause',
      hold: false,
      queue: false,
      inWindow: false,
      dryRun: false,
      provider: { kind: 'process' },
    },
    ...more,
  };
}

export function nodeView(id: string, more: Partial<NodeView> = {}): NodeView {
  return {
    ...{ id, boot: `${id}-boot`, role: 'worker', version: '1.0.0', pool: 'default', host: 'h', pid: 1 },
    ...{
      admin: 'http://127.0.0.1:1',
      capacity: 1_000,
      admissionRate: 100,
      state: 'ready',
      sessions: 0,
      connections: 0,
    },
    ...{ cordoned: false, leaseAgeMs: 100 },
    ...more,
  };
}

const nobody = { nodes: 0, asked: 0, opened: 0, failed: 0, lost: 0, setup: [] };

export function observation(more: Partial<Observation> = {}): Observation {
  return {
    ...{ nodes: [], recovering: false, round: 'r1', provided: [], health: {}, drains: {}, beliefs: {}, empty: {} },
    ...{ holders: {}, results: {}, commands: [], window: { open: true, opensAtMs: null, closesAtMs: null } },
    cohorts: {
      old: { ...nobody, probes: { asked: 0, failed: 0, p50Ms: null } },
      new: { ...nobody, probes: { asked: 0, failed: 0, p50Ms: null } },
    },
    ...more,
  };
}

export function commandOf(verb: string, more: Partial<StoredCommand> = {}): StoredCommand {
  return { id: `c-${verb}-${JSON.stringify(more)}`, verb, node: null, byMs: null, by: 'k_ops', atMs: T0, ...more };
}
