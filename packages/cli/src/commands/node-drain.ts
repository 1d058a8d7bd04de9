import type { BlockerList, ClusterNode, DrainPolicy } from '@culvert/contracts';
import { type Command, Option } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { type DrainState, followDrain } from '../drain/follow.ts';
import { beginning, blockerTable, failureOf, progress } from '../drain/words.ts';
import { optionValue } from '../option-value.ts';
import { json } from '../output.ts';
import { openApi, type TargetFlags, withTarget } from '../target.ts';

const DEFAULT_TIMEOUT_MS = 600_000;
const MAX_TIMEOUT_MS = 24 * 3_600_000;

interface DrainFlags extends TargetFlags {
  readonly policy: DrainPolicy;
  readonly wait: boolean;
  readonly timeout?: string;
}

/** `culvert nodes drain|blockers`. */
export function addDrain(nodes: Command, context: CommandContext): void {
  withTarget(nodes.command('drain <id>').description('cordon a worker, and get its sessions to others; see it empty'))
    .addOption(
      new Option('--policy <policy>', 'move sessions with their connections, or wait until those end')
        .choices(['move', 'wait'])
        .default('move'),
    )
    .addOption(new Option('--watch', 'follow it until the worker is empty (the default)').conflicts('wait'))
    .option('--no-wait', 'only begin it')
    .option('--timeout <duration>', 'how long to follow it, 10m unless given; the drain itself goes on after')
    .action((id: string, flags: DrainFlags) => drain(id, flags, context));
  withTarget(nodes.command('blockers <id>').description('what keeps a worker from being empty')).action(
    (id: string, flags: TargetFlags) => showBlockers(id, flags, context),
  );
}

async function drain(id: string, flags: DrainFlags, { stdout }: CommandContext): Promise<void> {
  const { duration, formatDuration } = await import('@culvert/service');
  const given = optionValue('--timeout', flags.timeout, duration(1_000, MAX_TIMEOUT_MS));
  const deadlineMs = given ?? DEFAULT_TIMEOUT_MS;
  const api = await openApi(flags);
  const { policy, wait } = flags;
  const begun = await api.call<ClusterNode>('POST', `${path(id)}/drain`, { body: { policy } });
  const say = (text: string): unknown => (flags.json ? undefined : stdout.write(text));
  say(beginning(begun, policy));
  if (!wait) {
    if (flags.json) stdout.write(json(begun));
    return;
  }

  let said = '';
  const onState = (state: DrainState): void => {
    const line = progress(state);
    if (line !== said) say(line);
    said = line;
  };
  const end = await followDrain(api, begun, { deadlineMs, onState });
  const { node, blockers, outcome } = end;
  if (flags.json) stdout.write(json({ ...node, outcome, blockers }));
  if (outcome === 'empty') {
    say(`${node.id} is empty\n`);
    return;
  }
  if (outcome === 'late') say(`\n${blockerTable(blockers)}`);
  throw failureOf(end, formatDuration(deadlineMs));
}

async function showBlockers(id: string, flags: TargetFlags, { stdout }: CommandContext): Promise<void> {
  const api = await openApi(flags);
  const answer = await api.call<BlockerList>('GET', `${path(id)}/blockers`);
  stdout.write(flags.json ? json(answer) : blockerTable(answer.items));
}

function path(id: string): string {
  return `/nodes/${encodeURIComponent(id)}`;
}
