import type { LaunchOrder, SupervisedNode } from '@culvert/contracts';
import type { FleetNode } from '../fleet.ts';
import type { ManagedProcess } from '../managed-process.ts';
import type { NodePlan } from '../node-processes.ts';

/** A node, and what deployments have done with it. */
export interface Story {
  readonly node: FleetNode;
  /** The deployment that had it launched; null: it is one of those that the cluster began with. */
  readonly launchedBy: string | null;
  /** Whose place it took. */
  readonly before: { readonly plan: NodePlan; readonly version: string } | null;
  /** It was launched, and neither is ready yet nor known to have failed. */
  launching: boolean;
  /** The deployment that ordered its end. */
  endedBy: string | null;
  /** When it is killed if it still runs, ms of this process's clock; infinite: its end was not ordered. */
  killAtMs: number;
  /** How it ended, in words; null: it is in the fleet. */
  exit: string | null;
}

const RUNS = { endedBy: null, killAtMs: Number.POSITIVE_INFINITY, exit: null } as const;

/** Of a node that the cluster began with. */
export function firstStory(node: FleetNode): Story {
  return { node, launchedBy: null, before: null, launching: false, ...RUNS };
}

export function launchedStory(node: FleetNode, deployment: string, replaced: Story | undefined): Story {
  const before = replaced ? { plan: replaced.node.plan, version: versionOf(replaced.node) } : null;
  return { node, launchedBy: deployment, before, launching: true, ...RUNS };
}

/**
 * The plan of an earlier node, if the order undoes what the same deployment has done: then its checkout counts, and not the
 * new version's that the deployment was given.
 */
export function wayBack({ deployment, version }: LaunchOrder, replaced: Story | undefined): NodePlan | undefined {
  if (!replaced) return undefined;
  const { node, launchedBy, endedBy, before } = replaced;
  if (endedBy === deployment && versionOf(node) === version) return node.plan;
  return launchedBy === deployment && before?.version === version ? before.plan : undefined;
}

/** What a deploy worker is told. `comesBack`: once it was ready it is started again when it has ended. */
export function viewOf(story: Story, comesBack: boolean): SupervisedNode {
  const { node } = story;
  const { id, role } = node.plan;
  const state = stateOf(story, comesBack);
  const exit = state === 'exited' ? (story.exit ?? exitOf(node.process.lastEnd) ?? 'it does not run') : null;
  return { id, role, version: versionOf(node), state, pid: node.process.pid ?? null, exit };
}

function stateOf({ node, launching, endedBy, exit }: Story, comesBack: boolean): SupervisedNode['state'] {
  if (exit !== null) return 'exited';
  if (endedBy !== null) return 'stopping';
  if (node.process.ready) return 'running';
  return launching || comesBack || node.process.pid !== undefined ? 'starting' : 'exited';
}

export function versionOf({ plan, process }: FleetNode): string {
  return plan.version ?? process.version ?? 'unknown';
}

/** How the last life ended, in words. */
export function exitOf(end: ManagedProcess['lastEnd']): string | undefined {
  return end && `it ended with ${end.signal ?? `exit code ${end.code}`}`;
}

/** Why it did not start, without the end of its log, which a provider's `logs` tells. */
export function wordsOf(error: Error): string {
  const cause = error.cause instanceof Error ? error.cause.message : error.message;
  return `${cause}, before it was ready`;
}
