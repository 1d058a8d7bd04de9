import type { Deployment, DeploymentNode } from '@culvert/contracts';
import { colors } from '../colors.ts';
import { ago, fields, orDash, table } from '../output.ts';
import { printable } from './line.ts';
import { paintOutcome } from './states.ts';
import { at, span, timer } from './time.ts';
import { aimOf, tally } from './words.ts';

/** `culvert deploy show`: all that is known of it but its log's beginning. */
export function deploymentText(deployment: Deployment, nowMs: number): string {
  const { id, state, reason, createdAt, createdBy, finishedAt, nodes, events, request } = deployment;
  const took = span((finishedAt === null ? nowMs : at(finishedAt)) - at(createdAt));
  const head = fields([
    ['deployment', id],
    ['what', printable(aimOf(deployment))],
    ['state', `${paintOutcome(state)}${reason === null ? '' : `: ${printable(reason)}`}`],
    ['began', `${ago(createdAt, nowMs)}, by ${createdBy}; ${finishedAt === null ? 'under way for' : 'took'} ${took}`],
    ['deadline', `${span(request.deadlineMs)} for the busy sessions of a node, then ${request.onDeadline}`],
    ['nodes', orDash(tally(nodes))],
  ]);
  const log = events.map(({ at: when, node, message }) => {
    const text = printable(`${node === null ? '' : `${node}: `}${message}`);
    return `${colors.dim(when)}  ${text}\n`;
  });
  return `${head}\n${nodeTable(nodes, nowMs)}${nodes.map(evidenceText).join('')}${log.length === 0 ? '' : `\n${log.join('')}`}`;
}

function nodeTable(nodes: readonly DeploymentNode[], nowMs: number): string {
  return table(
    nodes,
    [
      { title: 'NODE', value: ({ id }) => id },
      { title: 'REPLACEMENT', value: ({ replacement }) => orDash(replacement) },
      { title: 'FROM', value: ({ from }) => from },
      { title: 'TO', value: ({ to }) => to },
      { title: 'STATE', value: ({ state }) => state, paint: paintOutcome },
      { title: 'STEP', value: ({ step }) => step },
      { title: 'SINCE', value: ({ enteredAt }) => ago(enteredAt, nowMs) },
      { title: 'TIME LEFT', value: (node) => leftOf(node, nowMs), right: true },
      { title: 'SESSIONS', value: ({ sessions }) => String(sessions), right: true },
      { title: 'BUSY', value: ({ busy }) => String(busy), right: true },
      { title: 'CONNECTIONS', value: ({ connections }) => String(connections), right: true },
    ],
    'Which nodes it replaces is not known before its preflight.',
  );
}

function leftOf({ deadlineAt, state }: DeploymentNode, nowMs: number): string {
  const runs = state === 'running' || state === 'rolling_back';
  return deadlineAt === null || !runs ? '-' : timer(at(deadlineAt) - nowMs);
}

/** What each step of a node saw. */
function evidenceText({ id, evidence }: DeploymentNode): string {
  if (evidence.length === 0) return '';
  const rows = table(
    evidence,
    [
      { title: '  STEP', value: ({ step }) => `  ${step}` },
      { title: 'OUTCOME', value: ({ outcome }) => outcome, paint: paintOutcome },
      { title: 'TOOK', value: ({ tookMs }) => span(tookMs), right: true },
      { title: 'EVIDENCE', value: ({ detail }) => printable(detail) },
    ],
    '',
  );
  return `\n${colors.bold(id)}\n${rows}`;
}
