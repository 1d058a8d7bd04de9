import type { Deployment, DeploymentCommandBody, DeploymentLogEntry, DeploymentVerb } from '@culvert/contracts';
import { type Api, followDeployment } from './follow.ts';
import { newEntries } from './log.ts';

/** Until a deploy worker has taken a command in; after that it is still kept for one. */
const ANSWER_MS = 10_000;
const POLL_MS = 250;

export interface Answered {
  readonly deployment: Deployment;
  /** What the deployment says that it did; empty: no deploy worker has taken it in so far. */
  readonly entries: readonly DeploymentLogEntry[];
}

export interface CommandOptions {
  /** How long to wait for what it did, and between two looks, ms; 10 s, 250 ms. */
  readonly answerMs?: number;
  readonly pollMs?: number;
}

/** Tells a deployment something, and what it did about it. Rejects with what the API refuses. */
export async function tellDeployment(
  api: Api,
  before: Deployment,
  verb: DeploymentVerb,
  body: DeploymentCommandBody,
  { answerMs = ANSWER_MS, pollMs = POLL_MS }: CommandOptions = {},
): Promise<Answered> {
  const path = `/deployments/${encodeURIComponent(before.id)}/${verb}`;
  let deployment = await api.call<Deployment>('POST', path, { body });
  const signal = AbortSignal.timeout(answerMs);
  for await (const look of followDeployment(api, deployment, { signal, pollMs })) {
    deployment = look.deployment;
    const entries = newEntries(before.events, deployment.events).filter(({ kind }) => kind === 'command');
    if (entries.length > 0) return { deployment, entries };
  }
  return { deployment, entries: [] };
}
