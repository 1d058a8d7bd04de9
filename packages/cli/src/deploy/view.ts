import type { Deployment, DeploymentLogEntry, DeploymentNode } from '@culvert/contracts';
import { colors } from '../colors.ts';
import { bar, LEGEND, type Load, loadOf } from './bar.ts';
import type { Look } from './follow.ts';
import { columns, type Line, plain } from './line.ts';
import { isOver, painterOf, paintOutcome } from './states.ts';
import { at, timer } from './time.ts';
import { waitLines } from './why-words.ts';
import { aimOf, tally } from './words.ts';

export interface ViewSize {
  readonly width: number;
  readonly height: number;
}

/** Log lines under the bars. */
const EVENTS = 5;
const BAR = { least: 8, most: 40 } as const;

/**
 * A deployment as it stands on a terminal: a header, one line per node, what it waits for, what happened last. At most
 * `height` lines: the log gives way first, then nodes that nothing happens to. Pure; a line may be longer than the width.
 */
export function deploymentView(look: Look, { width, height }: ViewSize, nowMs: number): Line[] {
  const { deployment, reasons, failure } = look;
  const head = header(deployment, nowMs);
  const alarm: Line[] =
    failure === null ? [] : [[{ text: `nothing is seen of it: ${failure.message}`, paint: colors.red }]];
  const why: Line[] =
    reasons.length === 0
      ? []
      : [
          plain(''),
          [{ text: 'Why not now?', paint: colors.yellow }],
          ...reasons.flatMap((reason) => waitLines(reason)),
        ];
  const room = Math.max(1, height - head.length - alarm.length - 1);
  const nodes = nodeLines(deployment, { width, height: Math.max(1, room - Math.min(why.length, room >> 1)) }, nowMs);
  const whyShown = why.slice(0, Math.max(0, room - nodes.length));
  const eventRoom = Math.min(EVENTS, room - nodes.length - whyShown.length - 1);
  const events = eventRoom > 0 ? deployment.events.slice(-eventRoom).map(eventLine) : [];
  const log = events.length === 0 ? [] : [plain(''), ...events];
  return [...head, ...alarm, plain(''), ...nodes, ...log, ...whyShown].slice(0, height);
}

function header(deployment: Deployment, nowMs: number): Line[] {
  const { id, state, reason, nodes, createdAt, finishedAt } = deployment;
  const elapsed = timer((finishedAt === null ? nowMs : at(finishedAt)) - at(createdAt));
  const words = reason === null ? '' : `: ${reason}`;
  const legend: Line = nodes.length === 0 ? [] : [{ text: `${tally(nodes)}  ` }, ...LEGEND];
  return [
    [{ text: id, paint: colors.bold }, { text: `  ${aimOf(deployment)}  ${elapsed}` }],
    [{ text: state, paint: paintOutcome }, { text: words }],
    ...(legend.length === 0 ? [] : [legend]),
  ];
}

interface Row {
  readonly node: DeploymentNode;
  readonly load: Load;
  readonly counts: string;
  readonly step: string;
  readonly timers: string;
  readonly replacement: string;
}

function nodeLines(deployment: Deployment, { width, height }: ViewSize, nowMs: number): Line[] {
  const rows = deployment.nodes.map((node) => rowOf(node, deployment, nowMs));
  const widest = (text: (row: Row) => string): number => Math.max(0, ...rows.map((row) => columns(text(row))));
  const [id, counts, step] = [widest(({ node }) => node.id), widest((row) => row.counts), widest((row) => row.step)];
  const [timers, replacement] = [widest((row) => row.timers), widest((row) => row.replacement)];
  const gaps = 9;
  const cells = Math.max(BAR.least, Math.min(BAR.most, width - id - counts - step - timers - replacement - gaps));
  const { shown, hidden } = choose(rows, height);
  const lines = shown.map((row): Line => {
    const { node, load } = row;
    return [
      { text: `${node.id.padEnd(id)}  ` },
      ...bar(load, cells),
      { text: ` ${row.counts.padStart(counts)}  ` },
      { text: row.step.padEnd(step), paint: painterOf(node.state) },
      { text: `  ${row.timers.padEnd(timers)}` },
      { text: `  ${row.replacement}`, paint: colors.dim },
    ];
  });
  return hidden === 0 ? lines : [...lines, [{ text: `and ${hidden} more nodes`, paint: colors.dim }]];
}

function rowOf(node: DeploymentNode, deployment: Deployment, nowMs: number): Row {
  const load = loadOf(node, deployment);
  const total = load.busy + load.idle + load.gone;
  return {
    node,
    load,
    counts: total === 0 ? '' : `${load.busy + load.idle}/${total}`,
    step: stepOf(node),
    timers: isOver(deployment) ? '' : timersOf(node, nowMs),
    replacement: node.replacement === null || node.state === 'waiting' ? '' : `→ ${node.replacement}`,
  };
}

/** When there are too many nodes: those first to which something happens, in the order of the deployment. */
function choose(rows: readonly Row[], height: number): { shown: readonly Row[]; hidden: number } {
  if (rows.length <= height) return { shown: rows, hidden: 0 };
  const rank = ({ node }: Row): number => ['waiting', 'done', 'rolled_back', 'skipped'].indexOf(node.state);
  const first = new Set(rows.toSorted((a, b) => rank(a) - rank(b)).slice(0, Math.max(0, height - 1)));
  return { shown: rows.filter((row) => first.has(row)), hidden: rows.length - first.size };
}

/** The step while it is under way, else how it ended. */
function stepOf({ state, step }: DeploymentNode): string {
  if (state === 'running') return step;
  if (state === 'rolling_back' || state === 'failed') return `${state} (${step})`;
  return state;
}

/** How long it has been in its step, and how much time is left. */
function timersOf({ state, enteredAt, deadlineAt }: DeploymentNode, nowMs: number): string {
  if (state !== 'running' && state !== 'rolling_back') return '';
  const left = deadlineAt === null ? '' : `, ${timer(at(deadlineAt) - nowMs)} left`;
  return `${timer(nowMs - at(enteredAt))}${left}`;
}

function eventLine({ at: when, node, message }: DeploymentLogEntry): Line {
  return [
    { text: `${when.slice(11, 19)}  `, paint: colors.dim },
    { text: `${node === null ? '' : `${node}: `}${message}` },
  ];
}
