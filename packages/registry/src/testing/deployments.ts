import { setImmediate } from 'node:timers/promises';
import { randomId } from '@culvert/base';
import type { DeployLease, Deployments, StoredCommand, StoredDeployment } from '../deployments/types.ts';

let made = 0;

/** Each is younger than the one before. */
export function deploymentOf(over: Partial<StoredDeployment> = {}): StoredDeployment {
  made += 1;
  return {
    id: randomId('d'),
    revision: 1,
    state: 'pending',
    over: false,
    createdAtMs: 1_700_000_000_000 + made,
    core: { request: { version: '2.0.0' } },
    view: { state: 'pending', nodes: [] },
    ...over,
  };
}

/** The record as the next tick leaves it. */
export function after(record: StoredDeployment, over: Partial<StoredDeployment> = {}): StoredDeployment {
  return { ...record, revision: record.revision + 1, state: 'running', ...over };
}

/** The next commit after `record`, without commands and events. */
export function commitOf(record: StoredDeployment, { fence }: DeployLease, over: Partial<StoredDeployment> = {}) {
  return { record: after(record, over), expected: record.revision, fence, commands: [], events: [] };
}

export function commandOf(verb: string, over: Partial<StoredCommand> = {}): StoredCommand {
  return { id: randomId('c'), verb, node: null, byMs: null, by: 'k_1', atMs: 1, ...over };
}

/** Takes the lease; throws if another has it. */
export async function holds(deployments: Deployments, holder: string, forMs = 60_000): Promise<DeployLease> {
  const lease = await deployments.lease(holder, forMs);
  if (!lease) throw new Error('another holds the deploy lease');
  return lease;
}

/** Resolves once Redis itself says that the lease is over; until then, there is no rollout. */
export async function ended(deployments: Deployments, { fence }: DeployLease): Promise<void> {
  while ((await deployments.setRollout(null, fence)) === 'ok') await setImmediate();
}

/** Takes the lease as soon as Redis says that the one before has lapsed. */
export async function inherits(deployments: Deployments, holder: string): Promise<DeployLease> {
  for (;;) {
    const lease = await deployments.lease(holder, 60_000);
    if (lease) return lease;
    await setImmediate();
  }
}
