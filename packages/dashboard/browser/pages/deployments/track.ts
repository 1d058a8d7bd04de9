import type { Deployment, DeploymentNode, DeploymentStep, StepEvidence, StepOutcome } from '@culvert/contracts';

/** A step of a node, as far as it has come. `waiting`: it is still to come. */
export interface Stop {
  readonly step: DeploymentStep;
  readonly state: StepOutcome | 'running' | 'waiting';
  /** Since when it is under way, ISO 8601; null: it is over, or has not begun. */
  readonly since: string | null;
  readonly deadlineAt: string | null;
  /** How it ended; null: it has not. */
  readonly evidence: StepEvidence | null;
}

const NEW = ['prepare', 'verify'] as const;
const DRAIN = ['cordon', 'announce', 'close_idle', 'busy', 'verify_empty'] as const;

/** In the order of docs/DEPLOYMENTS.md. */
const ROUTES = {
  replace: [...NEW, 'admit', ...DRAIN, 'terminate', 'analyze'],
  canary: [...NEW, 'admit', 'analyze', ...DRAIN, 'terminate'],
  switch: [...NEW, 'admit', ...DRAIN, 'analyze', 'warm', 'terminate'],
  stateless: [...NEW, 'busy', 'verify_empty', 'terminate'],
  rehearse: [...DRAIN, 'admit', 'return', 'analyze'],
} as const satisfies Record<string, readonly DeploymentStep[]>;

type Planned = Pick<Deployment, 'kind' | 'role' | 'strategy' | 'forecast'>;

/** The steps of a node when nothing comes between. */
export function plannedSteps({ kind, role, strategy, forecast }: Planned, id: string): readonly DeploymentStep[] {
  if (kind === 'rehearsal') return ROUTES.rehearse;
  if (role !== 'worker') return ROUTES.stateless;
  if (strategy === 'blue-green') return ROUTES.switch;
  const wave = forecast?.nodes.find((node) => node.id === id)?.wave;
  return strategy === 'canary' && wave === 1 ? ROUTES.canary : ROUTES.replace;
}

const FINISHED: readonly DeploymentNode['state'][] = ['done', 'failed', 'skipped', 'rolled_back'];

export const isFinished = ({ state }: Pick<DeploymentNode, 'state'>): boolean => FINISHED.includes(state);

/** What a node has gone through, where it is, and what is still to come as far as that is known. */
export function trackOf(node: DeploymentNode, deployment: Planned): Stop[] {
  const over = node.evidence.map((evidence): Stop => {
    return { step: evidence.step, state: evidence.outcome, since: null, deadlineAt: null, evidence };
  });
  if (isFinished(node)) return over;
  const { step, enteredAt, deadlineAt } = node;
  const now: Stop[] =
    step === 'waiting' || step === 'done'
      ? []
      : [{ step, state: 'running', since: enteredAt, deadlineAt, evidence: null }];
  return [...over, ...now, ...stillToCome(node, plannedSteps(deployment, node.id)).map(ahead)];
}

const ahead = (step: DeploymentStep): Stop => ({
  ...{ step, state: 'waiting', since: null, deadlineAt: null, evidence: null },
});

/** Nothing, once it has left the planned way: which steps a way back has is the deploy worker's to know. */
function stillToCome({ state, step, evidence }: DeploymentNode, plan: readonly DeploymentStep[]): DeploymentStep[] {
  const last = evidence.at(-1);
  if (step === 'waiting') return state === 'waiting' && last === undefined ? [...plan] : [];
  const place = plan.indexOf(step);
  if (state !== 'running' || place < 0) return [];
  const before = plan[place - 1];
  // Somebody called its drain off, and it is drained once more.
  const isAgain = last !== undefined && last.outcome === 'failed' && step === 'cordon';
  return last?.step === before || isAgain ? plan.slice(place + 1) : [];
}
