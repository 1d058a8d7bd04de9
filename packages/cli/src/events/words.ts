import type { ClusterEvent, EventGap } from '@culvert/contracts';
import { eventText } from '@culvert/contracts/event-words';
import { colors } from '../colors.ts';

const TYPE_WIDTH = 'registry.recovering'.length;

/** One event as a line for people. */
export function eventLine(event: ClusterEvent): string {
  const type = event.type === 'unknown' ? event.name : event.type;
  return `${colors.dim(event.at)}  ${printable(`${type.padEnd(TYPE_WIDTH)}  ${eventText(event)}`)}`;
}

export function gapLine({ after, oldest }: EventGap): string {
  const until = oldest === null ? '' : ` and before ${oldest}`;
  return printable(`… what happened after ${after}${until} may be missing`);
}

/** What a field holds must not move a terminal's cursor or colour its text. */
function printable(text: string): string {
  return `${text.replaceAll(/\p{Cc}/gu, '·')}\n`;
}
