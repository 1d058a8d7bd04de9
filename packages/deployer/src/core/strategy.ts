import type { DeploymentRequest, DeploymentStep } from '@culvert/contracts';

/**
 * A strategy is three numbers and a word over the same steps. `at_switch`: a new node takes sessions once the turn of its
 * old one has come. `when_verified`: at once, so the surplus serves all along. `all_verified`: once all of them are verified.
 * `weighted`: the canaries get a share of the new sessions; who follows them does so `at_switch`.
 */
export interface Strategy {
  /** How many more new than old nodes may exist. */
  readonly ahead: number;
  /** Old nodes that are drained at a time. */
  readonly drains: number;
  readonly admit: 'at_switch' | 'when_verified' | 'all_verified' | 'weighted';
  /** Canaries; they are the first wave. 0: none. */
  readonly canaries: number;
}

/** For a deployment over `nodes` nodes. */
export function strategyOf(request: DeploymentRequest, nodes: number): Strategy {
  const { batch, surge, canary } = request;
  const rolling = { ahead: batch, drains: batch, admit: 'at_switch', canaries: 0 } as const;
  switch (request.strategy) {
    case 'rolling':
      return rolling;
    case 'surge':
      return { ...rolling, ahead: batch + surge, admit: 'when_verified' };
    case 'blue-green':
      return { ...rolling, ahead: Math.max(1, nodes), drains: Math.max(1, nodes), admit: 'all_verified' };
    case 'canary': {
      const canaries = Math.min(nodes, Math.max(1, Math.ceil(((canary?.percent ?? 0) / 100) * nodes)));
      return { ...rolling, ahead: Math.max(batch, canaries), admit: 'weighted', canaries };
    }
  }
}

/** The wave of the node at this place of the plan; from 1. */
export function waveOf(strategy: Strategy, index: number): number {
  if (index < strategy.canaries) return 1;
  const followers = Math.floor((index - strategy.canaries) / strategy.drains);
  return followers + (strategy.canaries > 0 ? 2 : 1);
}

/** Which steps a unit goes through, and which way. */
export type Route =
  | 'replace'
  | 'canary'
  | 'switch'
  | 'stateless'
  | 'rehearse'
  | 'readmit'
  | 'readmit_stateless'
  | 'relaunch'
  | 'relaunch_stateless'
  | 'discard'
  | 'relaunch_discard'
  | 'clear'
  | 'leave';

const DRAIN = ['cordon', 'announce', 'close_idle', 'busy', 'verify_empty'] as const;
const NEW = ['waiting', 'prepare', 'verify'] as const;

export const ROUTES: Readonly<Record<Route, readonly DeploymentStep[]>> = {
  replace: [...NEW, 'admit', ...DRAIN, 'terminate', 'analyze', 'done'],
  /** Watched before anything old is touched. */
  canary: [...NEW, 'admit', 'analyze', ...DRAIN, 'terminate', 'done'],
  /** blue-green: watched while the old nodes are still there. */
  switch: [...NEW, 'admit', ...DRAIN, 'analyze', 'warm', 'terminate', 'done'],
  /** Gateways, APIs, deploy workers. */
  stateless: [...NEW, 'busy', 'verify_empty', 'terminate', 'done'],
  rehearse: ['waiting', ...DRAIN, 'admit', 'return', 'analyze', 'done'],
  /** Ways back: the old node still runs; it is gone; the new one has taken nothing. */
  readmit: ['waiting', 'admit', ...DRAIN, 'terminate', 'done'],
  readmit_stateless: ['waiting', 'busy', 'verify_empty', 'terminate', 'done'],
  relaunch: [...NEW, 'admit', ...DRAIN, 'terminate', 'done'],
  relaunch_stateless: [...NEW, 'busy', 'verify_empty', 'terminate', 'done'],
  discard: ['waiting', 'admit', 'terminate', 'done'],
  relaunch_discard: [...NEW, 'admit', 'terminate', 'done'],
  /** The old one, which was to end as the way back began, has not ended yet. */
  clear: ['waiting', ...DRAIN, 'terminate', 'done'],
  /** Skipped, or aborted: who was to leave stays, who was to come goes unless it has taken something. */
  leave: ['waiting', 'admit', 'terminate', 'done'],
};

/** The route of a unit of this wave when it is replaced. */
export function routeOf(request: DeploymentRequest, wave: number): Route {
  if (request.kind === 'rehearsal') return 'rehearse';
  if (request.role !== 'worker') return 'stateless';
  if (request.strategy === 'blue-green') return 'switch';
  return request.strategy === 'canary' && wave === 1 ? 'canary' : 'replace';
}
