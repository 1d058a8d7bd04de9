import type { DeploymentRequest } from '@culvert/contracts';
import type { StoredDeployment } from '@culvert/registry';
import type { CoreState } from './types.ts';

/** What the API stores of a new deployment, for its first tick. */
interface Asked {
  readonly request: DeploymentRequest;
  readonly createdBy: string;
}

/** The state that a stored deployment is in; one that no tick has seen yet is `pending`. */
export function begin(record: Pick<StoredDeployment, 'id' | 'createdAtMs' | 'core'>): CoreState {
  const core = record.core as CoreState | Asked;
  if ('units' in core) return core;
  return {
    id: record.id,
    request: core.request,
    state: 'pending',
    resumeTo: null,
    enteredAtMs: record.createdAtMs,
    createdAtMs: record.createdAtMs,
    createdBy: core.createdBy,
    startedAtMs: null,
    finishedAtMs: null,
    reason: null,
    units: [],
    notes: {},
    log: [],
    forecast: null,
  };
}
