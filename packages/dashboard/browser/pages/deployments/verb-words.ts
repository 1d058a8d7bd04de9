import type { Deployment, DeploymentNode, DeploymentVerb } from '@culvert/contracts';
import { counted } from '../../format/quantities.ts';

/** What is said before a command is given. */
export interface VerbWords {
  readonly title: string;
  /** On the button. */
  readonly verb: string;
  /** What it will do, a sentence each. */
  readonly will: readonly string[];
  readonly done: string;
  readonly danger: boolean;
  /** Has to be typed first: of what breaks connections. */
  readonly guard?: string;
}

interface About {
  readonly held?: boolean;
  readonly node?: DeploymentNode | undefined;
  /** Who keeps the node from being empty, in words. */
  readonly waits?: readonly string[];
}

type Aim = Pick<Deployment, 'nodes' | 'version'>;

export function verbWords(
  verb: DeploymentVerb,
  deployment: Aim,
  { held = false, node, waits = [] }: About = {},
): VerbWords {
  const told = { done: `Told the deploy worker: ${verb}`, danger: false };
  const name = node?.id ?? 'the nodes under way';
  switch (verb) {
    case 'pause':
      return {
        ...{ ...told, title: 'Pause the deployment', verb: 'Pause' },
        will: [
          'Nothing new is begun. What a node was told to do it still finishes; time in a pause counts for no deadline.',
        ],
      };
    case 'resume':
      return {
        ...{ ...told, title: 'Resume the deployment', verb: 'Resume' },
        will: ['It goes on where it stands, and what was stuck is tried once more.'],
      };
    case 'promote':
      return {
        ...{ ...told, title: 'Promote', verb: 'Promote' },
        will: held
          ? [
              `The plan is carried out: ${counted(deployment.nodes.length, 'node')} will be replaced, one wave after the other.`,
            ]
          : ['It goes on at once: new nodes are not watched any longer, and old ones not kept warm.'],
      };
    case 'abort':
      return {
        ...{ ...told, title: 'Abort the deployment', verb: 'Abort', danger: true },
        will: [stays(deployment), 'Old nodes that still run serve again, new ones that took nothing are ended.'],
      };
    case 'rollback':
      return { ...told, title: 'Roll back', verb: 'Roll back', danger: true, will: rollbackWords(deployment) };
    case 'extend':
      return {
        ...{ ...told, title: 'Extend the deadline', verb: 'Extend' },
        will: ['Busy sessions have so much longer to leave the nodes that are drained now.'],
      };
    case 'skip':
      return {
        ...{ ...told, title: `Skip ${name}`, verb: 'Skip' },
        will: [
          `${name} is left alone: it takes sessions again and keeps its version. The deployment goes on with the others.`,
        ],
      };
    case 'force':
      return {
        ...{ ...told, title: `Force ${name}`, verb: 'Force', danger: true },
        will: [
          `What is left on ${name} is closed now: ${left(node, waits)}.`,
          'Those who use them will see their connections break.',
        ],
        ...(node === undefined ? {} : { guard: node.id }),
      };
  }
}

const many = ({ nodes }: Aim, ...states: DeploymentNode['state'][]): number =>
  nodes.filter(({ state }) => states.includes(state)).length;

function stays(deployment: Aim): string {
  const done = many(deployment, 'done');
  const waiting = many(deployment, 'waiting');
  return `What has moved stays where it is: ${counted(done, 'node')} replaced already, ${counted(waiting, 'node')} never touched.`;
}

function rollbackWords(deployment: Aim): string[] {
  const done = many(deployment, 'done');
  const gone =
    done === 0
      ? 'None is gone.'
      : `${counted(done, 'node')} gone already: started again, in the old version, and verified.`;
  return [
    'Old nodes that still run serve again first. Then the new ones are drained by the same steps; no connection breaks.',
    gone,
  ];
}

function left(node: DeploymentNode | undefined, waits: readonly string[]): string {
  if (waits.length > 0) return waits.join('; ');
  if (node === undefined) return 'all sessions';
  const { sessions, connections } = node;
  return `${counted(sessions, 'session')} with ${counted(connections, 'connection')}`;
}
