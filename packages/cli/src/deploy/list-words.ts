import type { Deployment } from '@culvert/contracts';
import { ago, orDash, table } from '../output.ts';
import { printable } from './line.ts';
import { paintOutcome } from './states.ts';
import { at, span } from './time.ts';

/** `culvert deploy ls`. */
export function deploymentTable(deployments: readonly Deployment[], nowMs: number): string {
  return table(
    deployments,
    [
      { title: 'DEPLOYMENT', value: ({ id }) => id },
      { title: 'STATE', value: ({ state }) => state, paint: paintOutcome },
      { title: 'VERSION', value: ({ kind, version }) => (kind === 'rehearsal' ? 'rehearsal' : version) },
      { title: 'ROLE', value: ({ role }) => role },
      { title: 'POOL', value: ({ pool }) => pool },
      { title: 'STRATEGY', value: ({ strategy }) => strategy },
      { title: 'POLICY', value: ({ policy }) => policy },
      { title: 'NODES', value: nodesDone, right: true },
      { title: 'BEGAN', value: ({ createdAt }) => ago(createdAt, nowMs) },
      { title: 'TOOK', value: tookOf, right: true },
      { title: 'REASON', value: ({ reason }) => orDash(reason === null ? null : printable(reason)) },
    ],
    'No deployments. `culvert deploy start --version V` begins one.',
  );
}

function nodesDone({ nodes }: Deployment): string {
  return nodes.length === 0 ? '-' : `${nodes.filter(({ state }) => state === 'done').length}/${nodes.length}`;
}

function tookOf({ createdAt, finishedAt }: Deployment): string {
  return finishedAt === null ? '-' : span(at(finishedAt) - at(createdAt));
}
