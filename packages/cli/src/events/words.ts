import type { ClusterEvent, EventGap } from '@culvert/contracts';
import { colors } from '../colors.ts';

const TYPE_WIDTH = 'registry.recovering'.length;

/** One event as a line for people. */
export function eventLine(event: ClusterEvent): string {
  const type = event.type === 'unknown' ? event.name : event.type;
  return `${colors.dim(event.at)}  ${printable(`${type.padEnd(TYPE_WIDTH)}  ${wordsOf(event)}`)}`;
}

export function gapLine({ after, oldest }: EventGap): string {
  const until = oldest === null ? '' : ` and before ${oldest}`;
  return printable(`… what happened after ${after}${until} may be missing`);
}

function wordsOf(event: ClusterEvent): string {
  switch (event.type) {
    case 'session.opened':
      return `${event.session} of ${event.tenant} opened on ${event.node} (epoch ${event.epoch})`;
    case 'session.moved':
      return `${event.session} of ${event.tenant} moved from ${event.from} to ${event.node} (epoch ${event.epoch})`;
    case 'session.closed':
      return `${event.session} of ${event.tenant} closed on ${event.node}: ${event.reason}`;
    case 'session.fenced':
      return (
        `${event.session} of ${event.tenant}: ${event.node} still took it for its own (epoch ${event.epoch}), ` +
        `${event.owner} has it (epoch ${event.ownerEpoch})`
      );
    case 'node.state':
      return `${event.role} ${event.node} is ${event.state}`;
    case 'node.cordoned':
      return `${event.node} is to take no new sessions`;
    case 'node.uncordoned':
      return `${event.node} may take new sessions again`;
    case 'node.swept':
      return `${event.node} is dead: ${event.sessions} of its sessions were removed from the directory`;
    case 'registry.recovering':
      return `the data in Redis is new or incomplete (${event.why}): the workers tell it what they hold`;
    case 'registry.recovered':
      return `the directory is whole again, after ${event.tookMs} ms`;
    case 'deployment.created':
      return `${event.deployment} is to ${aimOf(event)}, by ${event.by}`;
    case 'deployment.state':
      return `${event.deployment} is ${event.state}${event.reason === '' ? '' : `: ${event.reason}`}`;
    case 'deployment.step':
      return `${event.deployment}: ${event.node} has ended ${event.step}, ${event.outcome}`;
    case 'deployment.command':
      return `${event.deployment} was told to ${event.verb}, by ${event.by}`;
    case 'deployment.restored':
      return `${event.deployment} was lost with the data in Redis, and put back (${event.state}): it waits for a person`;
    case 'chaos.started':
      return `${event.run}: ${event.steps} failures are rehearsed, by ${event.by}`;
    case 'chaos.fault':
      return `${event.run}: ${event.fault}${event.node === '' ? '' : ` of ${event.node}`}`;
    case 'chaos.ended':
      return `${event.run} has ${event.state}, ${event.lost} connections lost`;
    case 'probe.failed':
      return `probes through ${event.role} ${event.node} fail (${event.check}, ${event.code}): ${event.message}`;
    case 'probe.recovered':
      return `probes through ${event.role} ${event.node} succeed again, after ${event.downMs} ms`;
    case 'unknown':
      return Object.entries(event.fields)
        .map(([name, value]) => `${name}=${value}`)
        .join(' ');
  }
}

/** A rehearsal has no version. */
function aimOf({ version, role, pool }: Extract<ClusterEvent, { type: 'deployment.created' }>): string {
  return version === '' ? `rehearse in pool ${pool}` : `bring ${version} to the ${role}s of pool ${pool}`;
}

/** What a field holds must not move a terminal's cursor or colour its text. */
function printable(text: string): string {
  return `${text.replaceAll(/\p{Cc}/gu, '·')}\n`;
}
