import type { ClusterNode, ClusterNodeList } from '@culvert/contracts';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { json, orDash, paintState, table } from '../output.ts';
import { openApi, type TargetFlags, withTarget } from '../target.ts';
import { addDrain } from './node-drain.ts';
import { addRebalance } from './node-rebalance.ts';

/** `culvert nodes ls|cordon|uncordon|drain|blockers|rebalance`. */
export function addNodes(program: Command, context: CommandContext): void {
  const nodes = program.command('nodes').description('look at the nodes of the cluster, cordon and drain workers');
  withTarget(nodes.command('ls').description('list nodes')).action((flags: TargetFlags) => list(flags, context));
  for (const [verb, summary] of [
    ['cordon', 'let a worker take no new sessions; those it has stay'],
    ['uncordon', 'let a worker take new sessions again; ends a drain'],
  ] as const) {
    withTarget(nodes.command(`${verb} <id>`).description(summary)).action((id: string, flags: TargetFlags) =>
      change(verb, id, flags, context),
    );
  }
  addDrain(nodes, context);
  addRebalance(nodes, context);
}

async function list(flags: TargetFlags, { stdout }: CommandContext): Promise<void> {
  const api = await openApi(flags);
  const answer = await api.call<ClusterNodeList>('GET', '/nodes');
  if (flags.json) {
    stdout.write(json(answer));
    return;
  }
  stdout.write(
    table(
      answer.items,
      [
        { title: 'NODE', value: ({ id }) => id },
        { title: 'ROLE', value: ({ role }) => role },
        { title: 'STATE', value: shownState, paint: paintState },
        { title: 'SESSIONS', value: ({ sessions }) => String(sessions), right: true },
        { title: 'CONNECTIONS', value: ({ connections }) => String(connections), right: true },
        { title: 'LEASE', value: ({ leaseAgeMs }) => `${(leaseAgeMs / 1000).toFixed(1)} s ago`, right: true },
        { title: 'VERSION', value: ({ version }) => version },
        { title: 'POOL', value: ({ pool }) => pool },
        { title: 'PID', value: ({ pid }) => String(pid), right: true },
        { title: 'PROXY', value: ({ proxy }) => orDash(proxy) },
        { title: 'ADMIN', value: ({ admin }) => orDash(admin) },
      ],
      'No nodes. Does every role use the same Redis and the same prefix? `culvert doctor` looks.',
    ),
  );
}

async function change(verb: string, id: string, flags: TargetFlags, { stdout }: CommandContext): Promise<void> {
  const api = await openApi(flags);
  const node = await api.call<ClusterNode>('POST', `/nodes/${encodeURIComponent(id)}/${verb}`);
  stdout.write(
    flags.json ? json(node) : `${node.id} is ${paintState(shownState(node))}, with ${node.sessions} sessions\n`,
  );
}

/** The operator's wish counts at once; the worker's own state follows with its next beat. */
function shownState({ state, cordoned }: ClusterNode): string {
  return cordoned && state === 'ready' ? 'cordoned' : state;
}
