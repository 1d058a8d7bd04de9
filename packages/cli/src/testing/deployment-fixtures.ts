import type { Deployment, DeploymentLogEntry, DeploymentNode, DeploymentReason } from '@culvert/contracts';

/** Time `seconds` after the deployment began. */
export function after(seconds: number): string {
  return new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString();
}

export function deploymentNode(id: string, given: Partial<DeploymentNode> = {}): DeploymentNode {
  return {
    ...{ id, replacement: `${id}.k3f9`, from: '1.0.0', to: '2.0.0', step: 'waiting', state: 'waiting' },
    ...{ enteredAt: after(0), deadlineAt: null, sessions: 75, busy: 15, connections: 30, evidence: [] },
    ...given,
  };
}

export function entry(seconds: number, message: string, given: Partial<DeploymentLogEntry> = {}): DeploymentLogEntry {
  return { at: after(seconds), kind: 'step', node: null, message, ...given };
}

/** Two workers of 75 sessions each, of which one has given 55 away. */
export function deployment(given: Partial<Deployment> = {}): Deployment {
  return {
    ...{ id: 'd_1', kind: 'release', state: 'running', strategy: 'rolling', policy: 'move', version: '2.0.0' },
    ...{ role: 'worker', pool: 'default', revision: 7, createdAt: after(0), createdBy: 'root', enteredAt: after(1) },
    ...{ finishedAt: null, reason: null },
    request: {
      ...{ kind: 'release', version: '2.0.0', role: 'worker', pool: 'default', node: null, strategy: 'rolling' },
      ...{ policy: 'move', batch: 1, surge: 1, canary: null, analyzeMs: 2_000, keepWarmMs: 0, deadlineMs: 600_000 },
      ...{
        onDeadline: 'pause',
        hold: false,
        queue: false,
        inWindow: false,
        dryRun: false,
        provider: { kind: 'process' },
      },
    },
    nodes: [
      deploymentNode('worker-1', {
        ...{ step: 'busy', state: 'running', enteredAt: after(60), deadlineAt: after(660), sessions: 20, busy: 5 },
        evidence: [
          {
            step: 'verify',
            outcome: 'ok',
            at: after(9),
            tookMs: 4_200,
            detail: '5 checks passed',
            facts: { checks: 5 },
          },
        ],
      }),
      deploymentNode('worker-2'),
    ],
    forecast: {
      nodes: ['worker-1', 'worker-2'].map((id, at) => ({
        ...{ id, version: '1.0.0', replacement: `${id}.k3f9`, wave: at + 1, sessions: 75, busy: 15, connections: 30 },
      })),
      estimateMs: 24_000,
      sessions: [
        { id: 's_1', tenant: 'acme', name: 'ci', node: 'worker-1', connections: 3 },
        { id: 's_2', tenant: 'acme', name: null, node: 'worker-2', connections: 0 },
      ],
      warnings: ['3 connections use a worker directly'],
    },
    events: [
      entry(1, 'preflight: 2 workers, all healthy', { kind: 'state' }),
      entry(9, 'verified', { node: 'worker-1' }),
    ],
    ...given,
  };
}

/** Two sessions keep worker-1 from being empty. */
export function busySessions(given: Partial<DeploymentReason> = {}): DeploymentReason {
  return {
    ...{ node: 'worker-1', step: 'busy', code: 'busy_sessions', condition: '2 sessions have connections' },
    ...{ endsWhen: 'those end, or the deadline comes', held: 2 },
    holders: [
      {
        ...{ session: 's_1', tenant: 'acme', name: 'ci', connection: 'c_1', target: 'app:443' },
        ...{ ageMs: 300_000, lastByteAgoMs: 2_000, bytesPerSecond: 1_229 },
      },
      {
        ...{ session: 's_2', tenant: 'acme', name: null, connection: null, target: null },
        ...{ ageMs: 61_000, lastByteAgoMs: null, bytesPerSecond: null },
      },
    ],
    ...given,
  };
}
