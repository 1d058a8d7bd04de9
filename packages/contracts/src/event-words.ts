import type { ClusterEvent } from './events.ts';

/** Something that an event names and that has a page of its own. */
export interface EventRef {
  readonly kind: 'session' | 'tenant' | 'node' | 'deployment';
  readonly id: string;
}

/** A piece of a sentence: words, or what they are about. */
export type EventPart = string | EventRef;

/** What happened, for people: `a session of …`. Whoever shows it makes links of what is named, or leaves it text. */
export function eventParts(event: ClusterEvent): readonly EventPart[] {
  const head = event.type.split('.', 1)[0];
  if (event.type === 'unknown') return [fieldsText(event.fields)];
  if (head === 'session') return sessionParts(event as SessionEvent);
  if (head === 'deployment') return deploymentParts(event as DeploymentEvent);
  return otherParts(event as OtherEvent);
}

/** The same as plain text. */
export function eventText(event: ClusterEvent): string {
  return eventParts(event)
    .map((part) => (typeof part === 'string' ? part : part.id))
    .join('');
}

type SessionEvent = Extract<ClusterEvent, { type: `session.${string}` }>;
type DeploymentEvent = Extract<ClusterEvent, { type: `deployment.${string}` }>;
type OtherEvent = Exclude<ClusterEvent, SessionEvent | DeploymentEvent | { type: 'unknown' }>;

function sessionParts(event: SessionEvent): readonly EventPart[] {
  const about = say`${session(event.session)} of ${tenant(event.tenant)}`;
  switch (event.type) {
    case 'session.opened':
      return [...about, ...say` opened on ${node(event.node)} (epoch ${event.epoch})`];
    case 'session.moved':
      return [...about, ...say` moved from ${node(event.from)} to ${node(event.node)} (epoch ${event.epoch})`];
    case 'session.closed':
      return [...about, ...say` closed on ${node(event.node)}: ${event.reason}`];
    case 'session.fenced':
      return [
        ...about,
        ...say`: ${node(event.node)} still took it for its own (epoch ${event.epoch}), `,
        ...say`${node(event.owner)} has it (epoch ${event.ownerEpoch})`,
      ];
  }
}

function deploymentParts(event: DeploymentEvent): readonly EventPart[] {
  const about = deployment(event.deployment);
  switch (event.type) {
    case 'deployment.created':
      return say`${about} is to ${aimOf(event)}, by ${event.by}`;
    case 'deployment.state':
      return say`${about} is ${event.state}${event.reason === '' ? '' : `: ${event.reason}`}`;
    case 'deployment.step':
      return say`${about}: ${node(event.node)} has ended ${event.step}, ${event.outcome}`;
    case 'deployment.command':
      return say`${about} was told to ${event.verb}, by ${event.by}`;
    case 'deployment.restored':
      return say`${about} was lost with the data in Redis, and put back (${event.state}): it waits for a person`;
  }
}

function otherParts(event: OtherEvent): readonly EventPart[] {
  switch (event.type) {
    case 'node.state':
      return say`${event.role} ${node(event.node)} ${event.state === 'left' ? 'has' : 'is'} ${event.state}`;
    case 'node.cordoned':
      return say`${node(event.node)} is to take no new sessions`;
    case 'node.uncordoned':
      return say`${node(event.node)} may take new sessions again`;
    case 'node.swept':
      return say`${node(event.node)} is dead: ${event.sessions} of its sessions were removed from the directory`;
    case 'registry.recovering':
      return say`the data in Redis is new or incomplete (${event.why}): the workers tell it what they hold`;
    case 'registry.recovered':
      return say`the directory is whole again, after ${event.tookMs} ms`;
    case 'chaos.started':
      return say`${event.run}: ${event.steps} failures are rehearsed, by ${event.by}`;
    case 'chaos.fault':
      return event.node === ''
        ? say`${event.run}: ${event.fault}`
        : say`${event.run}: ${event.fault} of ${node(event.node)}`;
    case 'chaos.ended':
      return say`${event.run} has ${event.state}, ${event.lost} connections lost`;
    case 'probe.failed':
      return say`probes through ${event.role} ${node(event.node)} fail (${event.check}, ${event.code}): ${event.message}`;
    case 'probe.recovered':
      return say`probes through ${event.role} ${node(event.node)} succeed again, after ${event.downMs} ms`;
  }
}

const session = (id: string): EventRef => ({ kind: 'session', id });
const tenant = (id: string): EventRef => ({ kind: 'tenant', id });
const node = (id: string): EventRef => ({ kind: 'node', id });
const deployment = (id: string): EventRef => ({ kind: 'deployment', id });

function say(words: TemplateStringsArray, ...named: readonly (EventPart | number)[]): EventPart[] {
  const parts: EventPart[] = [];
  for (const [i, text] of words.entries()) {
    if (text !== '') parts.push(text);
    const part = named[i];
    if (part !== undefined && part !== '') parts.push(typeof part === 'number' ? String(part) : part);
  }
  return parts;
}

function fieldsText(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

/** A rehearsal has no version. */
function aimOf({ version, role, pool }: Extract<ClusterEvent, { type: 'deployment.created' }>): string {
  return version === '' ? `rehearse in pool ${pool}` : `bring ${version} to the ${role}s of pool ${pool}`;
}
