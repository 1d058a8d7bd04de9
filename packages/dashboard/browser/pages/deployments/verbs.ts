import type { Deployment, DeploymentNode, DeploymentStep, DeploymentVerb, DeploymentWhy } from '@culvert/contracts';
import { isOver } from './words.ts';

type Seen = Pick<Deployment, 'state' | 'reason' | 'finishedAt' | 'nodes'>;

/** In these a node's sessions are being taken off it: what is left can be closed. */
const DRAINING: readonly DeploymentStep[] = ['announce', 'close_idle', 'busy', 'verify_empty'];
const UNDER_WAY: readonly DeploymentNode['state'][] = ['running', 'rolling_back'];

const isUnderWay = ({ state, step }: DeploymentNode): boolean => UNDER_WAY.includes(state) && step !== 'waiting';

/** Its plan stands, and somebody has to agree to it. */
export function isHeld(why: Pick<DeploymentWhy, 'reasons'> | undefined): boolean {
  return why?.reasons.some(({ code }) => code === 'held') ?? false;
}

/** Nothing more is begun, and what is open is brought to an end: only then it has a reason to be running. */
function isAborting({ state, reason }: Seen): boolean {
  return (state === 'running' || state === 'analyzing') && reason !== null;
}

/**
 * What can be said to the whole deployment now and would do something, in the order in which it is offered. It may be out of
 * date by a moment: the deploy worker takes every word in every state that is not final, and tells in the log what it did.
 */
export function verbsOf(deployment: Seen, why?: Pick<DeploymentWhy, 'reasons'>): DeploymentVerb[] {
  const { state, finishedAt, nodes } = deployment;
  // Only its receipt is being made.
  if (isOver(deployment) || finishedAt !== null) return [];
  const held = isHeld(why);
  const back = state === 'rolling_back';
  const aborting = isAborting(deployment);
  const isWatched = nodes.some((node) => isUnderWay(node) && (node.step === 'analyze' || node.step === 'warm'));
  const hasDeadline = nodes.some((node) => isUnderWay(node) && (node.step === 'busy' || node.step === 'warm'));
  const fits: Readonly<Record<Exclude<DeploymentVerb, 'skip' | 'force'>, boolean>> = {
    promote: held || isWatched,
    resume: state === 'paused' && !held,
    pause: state !== 'paused',
    extend: hasDeadline,
    rollback: !back,
    abort: !back && !aborting,
  };
  return (Object.keys(fits) as (keyof typeof fits)[]).filter((verb) => fits[verb]);
}

/** What can be said about one node of it. */
export function nodeVerbsOf(deployment: Seen, node: DeploymentNode): ('skip' | 'force')[] {
  const { state, finishedAt } = deployment;
  if (isOver(deployment) || finishedAt !== null) return [];
  // One that is ending cannot be called back; on the way back, and aside, there is nothing to be left alone.
  const isLeavable = node.state === 'waiting' || (node.state === 'running' && node.step !== 'terminate');
  const verbs: ('skip' | 'force')[] = [];
  if (isLeavable && state !== 'rolling_back' && !isAborting(deployment)) verbs.push('skip');
  if (isUnderWay(node) && DRAINING.includes(node.step)) verbs.push('force');
  return verbs;
}
