import type { Deployment, DeploymentNode } from '@culvert/contracts';
import { isFinished, plannedSteps } from './track.ts';
import { isOver } from './words.ts';

export interface Progress {
  /** 0 to 1. */
  readonly share: number;
  readonly done: number;
  readonly nodes: number;
  /** If nothing has to be waited for, ms; null: it cannot be told, as when a person is waited for. */
  readonly leftMs: number | null;
}

type Seen = Pick<Deployment, 'state' | 'nodes' | 'forecast' | 'kind' | 'role' | 'strategy'>;

/** How far a deployment has come, by the steps of its nodes. */
export function progressOf(deployment: Seen): Progress {
  const { nodes, state, forecast } = deployment;
  const done = nodes.filter(isFinished).length;
  if (isOver(deployment)) return { share: 1, done, nodes: nodes.length, leftMs: null };
  const shares = nodes.map((node) => shareOf(node, deployment));
  const share = shares.length === 0 ? 0 : shares.reduce((sum, one) => sum + one, 0) / shares.length;
  const isForeseen = forecast !== null && (state === 'running' || state === 'analyzing');
  return { share, done, nodes: nodes.length, leftMs: isForeseen ? forecast.estimateMs * (1 - share) : null };
}

function shareOf(node: DeploymentNode, deployment: Seen): number {
  if (isFinished(node)) return 1;
  const plan = plannedSteps(deployment, node.id);
  const place = plan.indexOf(node.step);
  // On a way back, where it is says nothing of how far that is.
  return node.state === 'running' && place > 0 ? place / plan.length : 0;
}

/** What a node had when its deployment began, by where it is now. */
export interface Load {
  readonly busy: number;
  readonly idle: number;
  readonly gone: number;
}

/** Of sessions; nodes of other roles have none: of their connections. */
export function loadOf(node: DeploymentNode, { role, forecast }: Pick<Deployment, 'role' | 'forecast'>): Load {
  const begun = forecast?.nodes.find(({ id }) => id === node.id);
  if (role !== 'worker') {
    return { busy: node.connections, idle: 0, gone: Math.max(0, (begun?.connections ?? 0) - node.connections) };
  }
  const busy = Math.min(node.busy, node.sessions);
  return { busy, idle: node.sessions - busy, gone: Math.max(0, (begun?.sessions ?? 0) - node.sessions) };
}
