import { randomId } from '@culvert/base';
import type { Deployment, DeploymentRequest, DeploymentWhy } from '@culvert/contracts';

/** What is stored of a deployment for those who only read it. */
export interface DeploymentView {
  readonly deployment: Deployment;
  readonly why: DeploymentWhy;
}

/** A deployment's record before its first tick; `core` is what the deploy worker begins from. */
export interface NewDeployment {
  readonly id: string;
  readonly revision: number;
  readonly state: 'pending';
  readonly over: false;
  readonly createdAtMs: number;
  readonly core: { readonly request: DeploymentRequest; readonly createdBy: string };
  readonly view: DeploymentView;
}

export interface NewDeploymentOptions {
  readonly request: DeploymentRequest;
  /** Id of the key. */
  readonly createdBy: string;
  /** ms since the Unix epoch. */
  readonly nowMs: number;
  /** Some deploy worker is alive to take it up. */
  readonly attended: boolean;
  /** Default: a random one. */
  readonly id?: string;
}

const UNATTENDED = 'no deploy worker is running';

/** The one condition that the deploy worker cannot tell of itself. */
export const NO_DEPLOY_WORKER: DeploymentWhy['reasons'][number] = {
  ...{ node: null, step: null, code: 'no_deploy_worker', condition: UNATTENDED },
  endsWhen: 'A deploy worker is started: `culvert deployer`.',
  ...{ holders: [], held: 0 },
};

export function newDeployment(options: NewDeploymentOptions): NewDeployment {
  const { request, createdBy, nowMs, attended, id = randomId('d') } = options;
  const at = new Date(nowMs).toISOString();
  const { kind, strategy, policy, version, role, pool } = request;
  const reason = attended ? 'waits for its first tick' : UNATTENDED;
  const deployment: Deployment = {
    ...{ id, kind, state: 'pending', strategy, policy, version, role, pool, request, revision: 1, createdBy, reason },
    ...{ createdAt: at, enteredAt: at, finishedAt: null, nodes: [], forecast: null, events: [] },
  };
  const summary = `It ${attended ? reason : `waits: ${reason}`}.`;
  const why: DeploymentWhy = { id, state: 'pending', at, summary, reasons: attended ? [] : [NO_DEPLOY_WORKER] };
  return {
    ...{ id, revision: 1, state: 'pending', over: false, createdAtMs: nowMs },
    core: { request, createdBy },
    view: { deployment, why },
  };
}
