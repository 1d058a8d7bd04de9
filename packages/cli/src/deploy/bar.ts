import type { Deployment, DeploymentNode } from '@culvert/contracts';
import { colors } from '../colors.ts';
import type { Span } from './line.ts';

/** What a node had when its deployment began, by where it is now. */
export interface Load {
  /** With connections, or the connections themselves where a node has no sessions. */
  readonly busy: number;
  readonly idle: number;
  readonly gone: number;
}

/** Sessions of a worker; of other roles, which own none, connections. */
export function loadOf(node: DeploymentNode, { role, forecast }: Deployment): Load {
  const begun = forecast?.nodes.find(({ id }) => id === node.id);
  if (role !== 'worker') {
    return { busy: node.connections, idle: 0, gone: Math.max(0, (begun?.connections ?? 0) - node.connections) };
  }
  const busy = Math.min(node.busy, node.sessions);
  return { busy, idle: node.sessions - busy, gone: Math.max(0, (begun?.sessions ?? 0) - node.sessions) };
}

const CELLS = [
  { part: 'busy', cell: '█', paint: colors.cyan },
  { part: 'idle', cell: '▒', paint: colors.green },
  { part: 'gone', cell: '·', paint: colors.dim },
] as const;

/** `width` columns in proportion; whatever is there at all has one at least, so that the last busy session is seen. */
export function bar(load: Load, width: number): Span[] {
  const total = load.busy + load.idle + load.gone;
  if (total === 0) return [{ text: ' '.repeat(width) }];
  const counts = CELLS.map(({ part }) => load[part]);
  const cells = counts.map((count) => (count === 0 ? 0 : Math.max(1, Math.round((count / total) * width))));
  for (let over = cells.reduce((sum, count) => sum + count, 0) - width; over !== 0; over -= Math.sign(over)) {
    const largest = cells.indexOf(Math.max(...cells));
    cells[largest] = (cells[largest] ?? 0) - Math.sign(over);
  }
  return CELLS.flatMap(({ cell, paint }, at) => ({ text: cell.repeat(cells[at] ?? 0), paint }));
}

/** What the cells mean. */
export const LEGEND: readonly Span[] = CELLS.flatMap(({ part, cell, paint }) => [
  { text: `  ${cell}`, paint },
  { text: ` ${part}`, paint: colors.dim },
]);
