import type { Rebalance } from '@culvert/contracts';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { json, table } from '../output.ts';
import { openApi, type TargetFlags, withTarget } from '../target.ts';

interface RebalanceFlags extends TargetFlags {
  readonly pool: string;
  readonly dryRun?: boolean;
}

/** `culvert nodes rebalance`. */
export function addRebalance(nodes: Command, context: CommandContext): void {
  withTarget(nodes.command('rebalance').description('have the workers of a pool share their sessions evenly'))
    .option('--pool <pool>', 'the pool', 'default')
    .option('--dry-run', 'only say what would be moved')
    .action((flags: RebalanceFlags) => rebalance(flags, context));
}

async function rebalance(flags: RebalanceFlags, { stdout }: CommandContext): Promise<void> {
  const api = await openApi(flags);
  const body = { dryRun: flags.dryRun === true };
  const path = `/pools/${encodeURIComponent(flags.pool)}/rebalance`;
  const answer = await api.call<Rebalance>('POST', path, { body });
  stdout.write(flags.json ? json(answer) : told(answer));
}

/** What a person is told of it. */
export function told({ pool, dryRun, moves, asked, lastMs, failed }: Rebalance): string {
  if (moves.length === 0) return `The workers of pool ${pool} share its sessions evenly enough: nothing is moved.\n`;
  const plan = table(
    moves,
    [
      { title: 'FROM', value: ({ from }) => from },
      { title: 'TO', value: ({ to }) => to },
      { title: 'SESSIONS', value: ({ count }) => String(count), right: true },
    ],
    '',
  );
  if (dryRun) return `${plan}Nothing was moved: this was a dry run.\n`;
  const failures = failed.map(({ node, code, detail }) => `${node} moves none: ${detail} (${code})\n`).join('');
  const seconds = Math.ceil(lastMs / 1_000);
  return `${plan}${failures}${asked} sessions are on their way, the last of them in ${seconds} s. They are served meanwhile.\n`;
}
