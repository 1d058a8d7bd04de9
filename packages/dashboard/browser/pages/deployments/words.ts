import type { Deployment, DeploymentNode, DeploymentState, DeploymentStep } from '@culvert/contracts';
import { counted } from '../../format/quantities.ts';

/** The compiler sees that no state is missing. */
const OVER: Readonly<Record<DeploymentState, boolean>> = {
  ...{ pending: false, preflight: false, running: false, paused: false, analyzing: false, rolling_back: false },
  ...{ succeeded: true, failed: true, aborted: true, rolled_back: true, rejected: true },
};

/** A state that this page does not know counts as one that goes on. */
export function isOver({ state }: Pick<Deployment, 'state'>): boolean {
  return OVER[state] ?? false;
}

const STEPS: Readonly<Record<DeploymentStep, string>> = {
  waiting: 'waits for its turn',
  prepare: 'starts the new node, which takes nothing yet',
  verify: 'tries real requests through the new node',
  admit: 'takes new sessions, once every gateway and API knows',
  cordon: 'takes no new sessions, once every gateway and API knows',
  announce: 'its agents are told',
  close_idle: 'sessions without connections leave',
  busy: 'sessions with connections are moved, or waited for',
  verify_empty: 'worker, registry and gateways are asked whether it is empty, twice',
  warm: 'stays, empty, as the way back',
  terminate: 'the node that leaves is ended',
  analyze: 'new nodes are watched against the old ones',
  return: 'what was sent away comes back',
  done: 'nothing is left to do',
};

/** What is done in a step; empty for one that this page does not know. */
export function stepWords(step: DeploymentStep): string {
  return STEPS[step] ?? '';
}

export function plain(word: string): string {
  return word.replaceAll('_', ' ');
}

type Aim = Pick<Deployment, 'kind' | 'version' | 'role' | 'pool' | 'nodes' | 'request'>;

/** `2.1.0 for 4 workers of pool default`; a rehearsal names its node. */
export function aimOf({ kind, version, role, pool, nodes, request }: Aim): string {
  if (kind === 'rehearsal') return `Rehearsal on ${nodes[0]?.id ?? request.node ?? `a worker of pool ${pool}`}`;
  // How many is not known before the preflight.
  const whom = nodes.length === 0 ? `the ${role}s` : counted(nodes.length, role);
  return `${version} for ${whom} of pool ${pool}`;
}

const ORDER = ['done', 'rolled_back', 'running', 'rolling_back', 'failed', 'skipped', 'waiting'] as const;

/** `2 done, 1 running, 1 waiting`. */
export function tally(nodes: readonly Pick<DeploymentNode, 'state'>[]): string {
  const said = ORDER.map((state) => ({ state, many: nodes.filter((node) => node.state === state).length }));
  return said.flatMap(({ state, many }) => (many === 0 ? [] : [`${many} ${plain(state)}`])).join(', ');
}

/** How long it has taken, ms; one that is under way until now. */
export function tookMs({ createdAt, finishedAt }: Pick<Deployment, 'createdAt' | 'finishedAt'>, now: number): number {
  return (finishedAt === null ? now : Date.parse(finishedAt)) - Date.parse(createdAt);
}

/** What its nodes ran before, if that was one version: where a way back would lead. */
export function versionBefore({ nodes, version }: Pick<Deployment, 'nodes' | 'version'>): string | undefined {
  const versions = new Set(nodes.map(({ from }) => from));
  const [before] = versions;
  return versions.size === 1 && before !== version ? before : undefined;
}
