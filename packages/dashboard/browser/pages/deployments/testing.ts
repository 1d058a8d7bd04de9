import type { Deployment, DeploymentNode, DeploymentStep, StepEvidence, StepOutcome } from '@culvert/contracts';

/** Deployments for tests. */
export function aDeployment(changed: Partial<Deployment> = {}): Deployment {
  const at = '2026-01-01T00:00:00.000Z';
  return {
    ...{ id: 'd_1', kind: 'release', state: 'running', strategy: 'rolling', policy: 'move', version: '2.0.0' },
    ...{ role: 'worker', pool: 'default', revision: 7, createdAt: at, createdBy: 'k_1', enteredAt: at },
    ...{ finishedAt: null, reason: null, nodes: [], forecast: null, events: [] },
    request: {
      ...{ kind: 'release', version: '2.0.0', role: 'worker', pool: 'default', node: null, strategy: 'rolling' },
      ...{ policy: 'move', batch: 1, surge: 0, canary: null, analyzeMs: 2_000, keepWarmMs: 0, deadlineMs: 600_000 },
      ...{ onDeadline: 'pause', hold: false, queue: false, inWindow: false, dryRun: false },
      provider: { kind: 'process' },
    },
    ...changed,
  };
}

export function aNode(changed: Partial<DeploymentNode> = {}): DeploymentNode {
  return {
    ...{ id: 'w-1', replacement: 'w-1.x', from: '1.0.0', to: '2.0.0', step: 'waiting', state: 'waiting' },
    ...{ enteredAt: '2026-01-01T00:00:00.000Z', deadlineAt: null, sessions: 0, busy: 0, connections: 0, evidence: [] },
    ...changed,
  };
}

export function proof(step: DeploymentStep, outcome: StepOutcome = 'ok'): StepEvidence {
  return { step, outcome, at: '2026-01-01T00:00:01.000Z', tookMs: 1_000, detail: `${step} it is`, facts: {} };
}
